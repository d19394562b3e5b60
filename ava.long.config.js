import { build } from './ava.common.js';
import lab from './ava.lab.config.js';

export default { ...lab, files: [`${build}/test/lab/long/*.test.js`] };
