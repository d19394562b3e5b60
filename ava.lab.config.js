import { build } from './ava.common.js';

// The lab is one set of hosts: its tests run one file after the other.
export default {
  files: [`${build}/test/lab/*.test.js`],
  concurrency: 1,
  serial: true,
  timeout: '40m',
};
