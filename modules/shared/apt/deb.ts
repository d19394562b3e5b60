import type { Change } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { downloadScript, plainDownload } from '../http-download.ts';
import { keyValues } from '../probe.ts';
import { scratchDirectory } from '../scratch.ts';
import { pathWord } from '../shell-path.ts';
import { repairable } from './run.ts';

/** sh text about a package file, and what it reads as standard input. */
export interface DebScript {
  readonly script: string;
  readonly stdin: string | undefined;
}

/** sh text that sets $deb to the package file; one at a URL is downloaded into a directory of its own. Stands in a subshell. */
function obtain(deb: string): DebScript {
  if (!/^(https?|ftp):\/\//.test(deb)) return { script: `deb=${pathWord(deb)}`, stdin: undefined };
  const { script, stdin } = downloadScript(plainDownload(deb, true));
  return {
    script: `${scratchDirectory()}
t=$d/package.deb
${script}
[ "$failed" = 0 ] || { cat "$d/err" >&2; exit 1; }
deb=$t`,
    stdin,
  };
}

/**
 * sh text that prints what a package file holds and what of it is installed. With `simulation`, a command that the file's name is
 * put behind, also what apt-get would refuse it for.
 */
export function debQuery(deb: string, simulation?: string): DebScript {
  const { script, stdin } = obtain(deb);
  return {
    script: `(
${script}
[ -f "$deb" ] || { echo "missing=$deb"; exit 0; }
p=$(dpkg-deb -f "$deb" Package); v=$(dpkg-deb -f "$deb" Version)
printf 'package=%s\\nversion=%s\\n' "$p" "$v"
i=$(dpkg-query -W -f='\${db:Status-Status} \${Version}' "$p" 2>/dev/null)
case $i in installed\\ *) i=\${i#installed }; printf 'installed=%s\\n' "$i"
  if dpkg --compare-versions "$i" eq "$v"; then echo relation=same; elif dpkg --compare-versions "$i" gt "$v"; then echo relation=newer; else echo relation=older; fi ;;
esac${simulation === undefined ? '' : `\n${refusal(simulation)}`}
exit 0
) 2>&1 || echo failed=1`,
    stdin,
  };
}

function refusal(simulation: string): string {
  return `case $deb in /*) ;; *) deb="./$deb" ;; esac
x=$(${simulation} "$deb" 2>&1) || printf 'refusal=%s\\n' "$(printf '%s\\n' "$x" | grep '^E: ' | tr '\\n' ' ')"`;
}

/**
 * apt reads packages as the user _apt, and fails, or says so at length, when that user may not read this one. Then it is to do
 * without, as dpkg does; what it downloads beside is checked by its signatures as always.
 */
const sandbox = `kplay_user=; if x=$(id -u _apt 2>/dev/null); then setpriv --reuid="$x" --clear-groups test -r "$deb" 2>/dev/null || kplay_user='-o APT::Sandbox::User=root'; fi`;

/** The change that installs a package file, or none. Throws {@link ModuleFailure} when there is no such file. */
export function debChanges(
  deb: string,
  output: string | undefined,
  options: { readonly allowDowngrade: boolean; readonly flags: string; readonly prelude: string },
): Change[] {
  const found = keyValues(output, '=');
  if (found.has('missing')) throw new ModuleFailure(`there is no package file ${deb} on the host`);
  const name = found.get('package');
  if (!name) throw new ModuleFailure(`could not read ${deb} as a Debian package: ${(output ?? '').trim()}`);
  const relation = found.get('relation');
  if (relation === 'same' || (relation === 'newer' && !options.allowDowngrade)) return [];
  const refused = found.get('refusal');
  if (refused !== undefined && !new RegExp(repairable).test(refused))
    throw new ModuleFailure(`package ${name}: ${refused}`);
  const { script, stdin } = obtain(deb);
  const command = `${options.prelude}(
${script}
case $deb in /*) ;; *) deb="./$deb" ;; esac
${sandbox}
apt_run apt-get -y ${options.flags} $kplay_user install "$deb"
)`;
  return [{ what: `package ${name}`, before: found.get('installed'), after: found.get('version'), command, stdin }];
}
