import type { Change } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { keyValues } from '../probe.ts';
import { pathWord } from '../shell-path.ts';
import { quote } from '../shell-quote.ts';

function isUrl(deb: string): boolean {
  return /^(https?|ftp):\/\//.test(deb);
}

/** sh text that sets $deb to the package file, downloaded into a temporary folder when it is a URL. */
function obtain(deb: string): string {
  if (!isUrl(deb)) return `deb=${pathWord(deb)}`;
  return `kplay_deb=$(mktemp -d) && chmod 0755 "$kplay_deb" && deb="$kplay_deb/package.deb" || exit 1
if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$deb" -- ${quote(deb)}; else wget -qO "$deb" -- ${quote(deb)}; fi || exit 1
chmod 0644 "$deb"`;
}

/** sh text that prints what a package file holds and what of it is installed. */
export function debQuery(deb: string): string {
  return `(
${obtain(deb)}
[ -f "$deb" ] || { echo "missing=$deb"; exit 0; }
p=$(dpkg-deb -f "$deb" Package); v=$(dpkg-deb -f "$deb" Version)
printf 'package=%s\\nversion=%s\\n' "$p" "$v"
i=$(dpkg-query -W -f='\${db:Status-Status} \${Version}' "$p" 2>/dev/null)
case $i in installed\\ *) i=\${i#installed }; printf 'installed=%s\\n' "$i"
  if dpkg --compare-versions "$i" eq "$v"; then echo relation=same; elif dpkg --compare-versions "$i" gt "$v"; then echo relation=newer; else echo relation=older; fi ;;
esac
[ -n "\${kplay_deb-}" ] && rm -rf "$kplay_deb"
exit 0
) 2>&1 || echo failed=1`;
}

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
  const command = `${options.prelude}${obtain(deb)}
case $deb in /*) ;; *) deb="./$deb" ;; esac
apt_run apt-get -y ${options.flags} install "$deb"; r=$?
[ -n "\${kplay_deb-}" ] && rm -rf "$kplay_deb"
exit $r`;
  return [{ what: `package ${name}`, before: found.get('installed'), after: found.get('version'), command }];
}
