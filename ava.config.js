// KPLAY_BUILD names another output folder, so that a second build can be tested beside the first.
const build = process.env.KPLAY_BUILD ?? 'dist';

export default {
  files: [`${build}/test/**/*.test.js`, `!${build}/test/lab/**`],
  timeout: '120s',
};
