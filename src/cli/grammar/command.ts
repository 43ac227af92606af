/** What a command's grammar is: its name, the options it knows, how its words become a checked record, and its help. */
import type { OptionName, OptionValues } from './options.js';

export interface CommandGrammar<Arguments> {
  name: string;
  takes: readonly OptionName[];
  /** Throws CommandError or InputError for what the command cannot do. */
  read(files: string[], values: OptionValues): Arguments;
  /** One line for the list of commands. */
  summary: string;
  usage: string;
}
