import { build } from './ava.common.js';

const isDemo = (file) => file.endsWith('/cluster.test.js');

// The lab is one set of hosts: its tests run one file after the other.
export default {
  files: [`${build}/test/lab/*.test.js`],
  concurrency: 1,
  serial: true,
  // The demo first: without it the others need not be looked at.
  sortTestFiles: (one, other) => Number(isDemo(other)) - Number(isDemo(one)),
  timeout: '40m',
};
