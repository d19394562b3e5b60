import { version } from '../version.ts';

/** `kplay --version`. */
export function showVersion(): void {
  process.stdout.write(`kplay ${version}\n`);
}
