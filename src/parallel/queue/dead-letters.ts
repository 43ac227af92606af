/** Jobs that failed for good, and why. */
import type { JobData } from './job.js';
import { connectRedis, queueName } from './redis.js';

export interface DeadLetter {
  id: string;
  task: string;
  reason: string;
  /** Runs before it was given up. */
  attempts: number;
  /** When it was given up, in milliseconds since 1970. */
  at: number;
  /** Where its request lies, in a folder of its id. */
  folder: string;
}

/** The oldest first. Running the same work again takes its letters away. Rejects as `queue` does. */
export async function deadLetters({ url }: { url: string }): Promise<DeadLetter[]> {
  const { bullmq, connection } = await connectRedis(url);
  const jobs = new bullmq.Queue<JobData>(queueName(), { connection });
  try {
    const failed = await jobs.getFailed();
    return failed
      .map((job) => ({
        id: job.id!,
        task: job.name,
        reason: job.failedReason,
        attempts: job.attemptsMade,
        at: job.finishedOn ?? job.timestamp,
        folder: job.data.folder,
      }))
      .sort((left, right) => left.at - right.at);
  } finally {
    await jobs.close();
  }
}
