/** Where the compiled tests are. KPLAY_BUILD names another output folder, so that a second build can be tested beside the first. */
export const build = process.env.KPLAY_BUILD ?? 'dist';

const { useOwnTemporaryDirectory } = await import(`./${build}/test/run-directory.js`);
useOwnTemporaryDirectory();
