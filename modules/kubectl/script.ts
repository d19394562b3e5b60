import type { Arguments } from '../../runner/module/arguments.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { hasPassword } from '../shared/http-download.ts';
import { section } from '../shared/probe.ts';
import { scratchDirectory } from '../shared/scratch.ts';
import { pathWord } from '../shared/shell-path.ts';
import { quote, quoteAll } from '../shared/shell-quote.ts';
import type { kubectlArguments } from './arguments.ts';
import { isLackingKind } from './parse.ts';

export type KubectlArguments = Arguments<typeof kubectlArguments>;

/** What begins every script: the access to the cluster, and the manifests of standard input in the file $m. */
export function kubectlPrelude(args: KubectlArguments, withManifest: boolean): string {
  const config =
    args.kubeconfig === undefined
      ? '[ -n "${KUBECONFIG-}" ] || [ ! -r /etc/kubernetes/admin.conf ] || export KUBECONFIG=/etc/kubernetes/admin.conf'
      : `export KUBECONFIG=${pathWord(args.kubeconfig)}`;
  const flags = [
    ...(args.context === undefined ? [] : ['--context', args.context]),
    ...(args.namespace === undefined ? [] : ['--namespace', args.namespace]),
  ];
  const manifest = withManifest ? 'm=$d/manifest.yaml; cat >"$m" || exit 1' : '';
  return `PATH="$PATH:/usr/local/bin"; export PATH
${config}
${scratchDirectory()}
${manifest}
k() { kplay_verb=$1; shift; ${pathWord(args.executable)} "$kplay_verb" ${quoteAll(flags)} "$@"; }
`;
}

/** `-f …` for all manifests. */
export function manifestFlags(args: KubectlArguments, withManifest: boolean): string {
  const flags: string[] = withManifest ? ['-f "$m"'] : [];
  for (const source of remoteSources(args)) {
    if (hasPassword(source)) throw new ModuleFailure(passwordRefusal);
    flags.push(isUrl(source) ? `-f ${quote(source)}` : `-f ${pathWord(source)}`);
  }
  if (args.kustomize !== undefined) flags.push(`-k ${pathWord(args.kustomize)}`);
  return flags.join(' ');
}

const passwordRefusal =
  'kubectl would show the user and password of the URL in src on its command line; download it with get_url, and give the file with remote_src';

function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** Entries of src that the host's kubectl reads itself. */
function remoteSources(args: KubectlArguments): string[] {
  return (args.src ?? []).filter((source) => args.remote_src || isUrl(source));
}

/** Entries of src that are files of this machine. */
export function localSources(args: KubectlArguments): string[] {
  return (args.src ?? []).filter((source) => !args.remote_src && !isUrl(source));
}

/** The objects meant by kind, name and selector, as words of sh; undefined when no kind was given. */
export function objectWords(args: KubectlArguments): string | undefined {
  if (args.kind === undefined) return undefined;
  const words = [args.kind, ...(args.name ?? [])];
  if (args.selector !== undefined) words.push('-l', args.selector);
  if (args.field_selector !== undefined) words.push('--field-selector', args.field_selector);
  if (args.all_namespaces) words.push('--all-namespaces');
  return quoteAll(words);
}

function applyFlags(args: KubectlArguments): string {
  const flags: string[] = [];
  if (args.server_side) flags.push('--server-side');
  if (args.server_side && args.force_conflicts) flags.push('--force-conflicts');
  if (args.field_manager !== undefined) flags.push(`--field-manager=${args.field_manager}`);
  return quoteAll(flags);
}

/** In place of diff(1), which a host may lack: prints every object that is there or would be, before and after. */
const differ = `#!/bin/sh
for f in "$2"/*; do
  [ -e "$f" ] || continue
  n=\${f##*/}; o=$1/$n
  if [ -e "$o" ]; then [ "$(cat "$o")" = "$(cat "$f")" ] && continue; echo "@@before $n"; cat "$o"; else echo "@@before $n"; fi
  echo; echo "@@after $n"; cat "$f"; echo; r=1
done
exit \${r:-0}
`;

/**
 * Sections `diff` (objects that would change), `errors` and `status` (0 the same, 1 different, more: failed).
 * `afterwards` is run between; it may raise $s.
 */
export function diffScript(args: KubectlArguments, flags: string, afterwards: string): string {
  return `printf '%s' ${quote(differ)} >"$d/differ" && chmod 0700 "$d/differ" || exit 1
export KUBECTL_EXTERNAL_DIFF="$d/differ"
${section('diff', `k diff ${applyFlags(args)} ${flags} 2>"$d/errors"; s=$?`)}
${afterwards}
${endSections}`;
}

/** Sections `objects` (what is there, as names or JSON), `errors` and `status`. */
export function getScript(target: string, format: 'json' | 'name', before: string): string {
  return `s=0; : >"$d/errors"
${before}
${section('objects', `[ $s -ne 0 ] || { k get --ignore-not-found ${target} -o ${format} 2>>"$d/errors"; s=$?; }`)}${endSections}`;
}

const endSections = section('errors', 'cat "$d/errors"') + section('status', 'echo $s');

/** sh text that applies the manifests; objects whose kind is defined by the same manifests are tried again. */
export function applyScript(args: KubectlArguments, flags: string): string {
  const validate = args.validate ? '' : ' --validate=false';
  return `n=0
while :; do
  k apply ${applyFlags(args)}${validate} ${flags} 2>"$d/errors" && break
  r=$?; n=$((n + 1))
  if [ $n -lt 15 ] && ! grep -qE ${quote(isLackingKind)} "$d/errors" && grep -qE 'no matches for kind|ensure CRDs are installed first|namespaces "[^"]*" not found|the server could not find the requested resource' "$d/errors"; then sleep 2; continue; fi
  cat "$d/errors" >&2; exit $r
done
cat "$d/errors" >&2`;
}

/** sh text that deletes. */
export function deleteScript(args: KubectlArguments, target: string): string {
  const grace = args.grace_period === undefined ? '' : ` --grace-period=${args.grace_period}`;
  const wait = args.wait ? ` --wait=true --timeout=${args.wait_timeout}s` : ' --wait=false';
  return `k delete --ignore-not-found${grace}${wait} ${target}`;
}

/** sh text that waits for the objects; what does not exist yet is waited for too. */
export function waitScript(args: KubectlArguments, target: string): string {
  const lines = [
    `kplay_end=$(($(date +%s) + ${args.wait_timeout}))`,
    `kwait() {
  while :; do
    left=$((kplay_end - $(date +%s))); [ $left -gt 0 ] || left=1
    k "$@" --timeout="\${left}s" >"$d/out" 2>&1 && return 0
    r=$?
    [ "$(date +%s)" -lt $kplay_end ] && grep -qE 'no matching resources|NotFound|not found|connection refused|etcdserver' "$d/out" && { sleep 2; continue; }
    cat "$d/out" >&2; return $r
  done
}`,
  ];
  const conditions = args.wait_for ?? [];
  for (const condition of conditions) lines.push(`kwait wait --for=${quote(condition)} ${target} || exit $?`);
  if (conditions.length === 0) {
    lines.push(
      `k get ${target} -o 'jsonpath={range .items[*]}{.kind} {.metadata.namespace} {.metadata.name}{"\\n"}{end}{.kind} {.metadata.namespace} {.metadata.name}{"\\n"}' 2>/dev/null >"$d/objects"`,
      `while read -r kind space name; do
  case $kind in Deployment|DaemonSet|StatefulSet) kwait rollout status -n "$space" "$kind/$name" </dev/null || exit $? ;; esac
done <"$d/objects"`,
    );
  }
  return lines.join('\n');
}
