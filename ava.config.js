import { availableParallelism } from 'node:os';
import { build } from './ava.common.js';

export default {
  files: [`${build}/test/**/*.test.js`, `!${build}/test/lab/*.test.js`, `!${build}/test/lab/long/**`],
  // What makes no progress for so long hangs. A busy machine may take minutes for what takes seconds on a quiet one.
  timeout: '10m',
  // Half of the time a file waits for a host, a timer or another program.
  concurrency: 2 * availableParallelism(),
  // Threads of one process would share what is open: a program that one has just written cannot be started while another is starting one.
  workerThreads: false,
};
