/**
 * Requests and answers of jobs, in a folder that producer and workers share:
 *
 *   FOLDER/mark-RANDOM      empty: who finds it under this name sees the producer's folder
 *   FOLDER/ID/request       the task and its input
 *   FOLDER/ID/answer        its output
 *
 * Files are written whole under names derived from the job's id, so a job that is run twice leaves one answer. They are read and
 * written by the structured clone of Node, which keeps every number as it is.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { TaskRequest } from '../answer.js';
import { writeWhole } from '../whole-file.js';

export interface JobStore {
  readonly mark: string;
  /** Where it is not there yet. */
  writeRequest(id: string, request: TaskRequest): Promise<void>;
  /** Undefined for a job whose answer was fetched and cleared away. */
  readRequest(id: string): Promise<TaskRequest | undefined>;
  hasAnswer(id: string): Promise<boolean>;
  /** Nothing is written where the job was cleared away. */
  writeAnswer(id: string, output: unknown): Promise<void>;
  readAnswer(id: string): Promise<{ output: unknown } | undefined>;
  /** Takes away all files of the job. */
  clear(id: string): Promise<void>;
}

/** The store in this folder, made where there is none. */
export async function makeStore(folder: string): Promise<JobStore> {
  await mkdir(folder, { recursive: true });
  let mark = (await readdir(folder)).find((name) => name.startsWith('mark-'));
  if (mark === undefined) {
    mark = `mark-${randomUUID()}`;
    await writeFile(join(folder, mark), '');
  }
  return storeOf(folder, mark);
}

/** The store of this mark; rejects where the folder is not the one the producer sees. */
export async function findStore(folder: string, mark: string): Promise<JobStore> {
  if (!(await exists(join(folder, mark)))) {
    const fault = (await exists(folder)) ? 'is another folder here than for the producer' : 'is no folder here';
    throw new Error(`${folder} ${fault}: producer and workers have to see the same one under the same path`);
  }
  return storeOf(folder, mark);
}

function storeOf(folder: string, mark: string): JobStore {
  const request = (id: string) => join(folder, id, 'request');
  const answer = (id: string) => join(folder, id, 'answer');
  return {
    mark,
    async writeRequest(id, content) {
      await mkdir(join(folder, id), { recursive: true });
      if (!(await exists(request(id)))) await writeWhole(request(id), serialize(content));
    },
    async readRequest(id) {
      const content = await unlessMissing(readFile(request(id)));
      return content === undefined ? undefined : (deserialize(content) as TaskRequest);
    },
    hasAnswer: (id) => exists(answer(id)),
    async writeAnswer(id, output) {
      await unlessMissing(writeWhole(answer(id), serialize(output)));
    },
    async readAnswer(id) {
      const content = await unlessMissing(readFile(answer(id)));
      return content === undefined ? undefined : { output: deserialize(content) as unknown };
    },
    clear: (id) => rm(join(folder, id), { recursive: true, force: true }),
  };
}

async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path))) !== undefined;
}

async function unlessMissing<Value>(result: Promise<Value>): Promise<Value | undefined> {
  try {
    return await result;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
