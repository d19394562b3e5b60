import type { Host, RunOptions } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { sectionMark } from '../../runner/module/host-files.ts';

/** What begins a probe: plain C messages, and the sh function that {@link section} needs. */
export const probePrelude = 'kplay_probe\n';

/** sh text that prints the output of `script` as a section of that name. */
export function section(name: string, script: string): string {
  return `section '${name}'\n${script}\n`;
}

/** The sections of a probe's output by name, exactly as they were printed. */
export function parseSections(output: string): Map<string, string> {
  const sections = new Map<string, string>();
  for (const part of `\n${output}`.split(`\n${sectionMark}`).slice(1)) {
    const end = part.indexOf('\n');
    const name = end < 0 ? part : part.slice(0, end);
    sections.set(name, end < 0 ? '' : part.slice(end + 1));
  }
  return sections;
}

/** Runs a probe and returns what it printed. Throws {@link ModuleFailure} when the shell itself fails. */
function runProbe(host: Host, script: string, options?: RunOptions): Promise<string> {
  return runBareProbe(host, probePrelude + script, options);
}

/** The same for a probe that sets what it needs itself. */
export async function runBareProbe(host: Host, script: string, options?: RunOptions): Promise<string> {
  const result = await host.run(script, { ...options, reads: true });
  if (result.rc !== 0) {
    throw new ModuleFailure(`could not read the state of the host: ${result.stderr.trim() || `rc ${result.rc}`}`, {
      rc: result.rc,
      stdout: result.stdout,
      stderr: result.stderr,
    });
  }
  return result.stdout;
}

/** Runs a probe made of sections. */
export async function runSections(host: Host, script: string, options?: RunOptions): Promise<Map<string, string>> {
  return parseSections(await runProbe(host, `${script}\nexit 0`, options));
}

/** The lines of a text that hold something. */
export function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line.trim() !== '');
}

/** `key<separator>value` lines as a map; the value is trimmed. */
export function keyValues(text: string | undefined, separator: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of linesOf(text)) {
    const at = line.indexOf(separator);
    if (at > 0) pairs.set(line.slice(0, at).trim(), line.slice(at + separator.length).trim());
  }
  return pairs;
}
