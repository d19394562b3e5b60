import type { Change, Host, Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { decode } from '../runner/python/bytes.ts';
import { jsonText } from '../runner/python/json.ts';
import type { Value } from '../runner/value.ts';
import { kubectlArguments } from './kubectl/arguments.ts';
import { isNotThereYet, isWithoutCluster, parseObjectDiffs, shownDiff } from './kubectl/parse.ts';
import type { KubectlArguments } from './kubectl/script.ts';
import {
  applyScript,
  deleteScript,
  diffScript,
  getScript,
  kubectlPrelude,
  localSources,
  manifestFlags,
  objectWords,
  waitScript,
} from './kubectl/script.ts';
import { localBytes } from './shared/files.ts';
import { linesOf, runSections } from './shared/probe.ts';

interface Current {
  readonly manifest: string | undefined;
  /** What kubectl complained of. */
  readonly errors: string;
  /** 0 all is so, 1 something differs, more: kubectl failed. */
  readonly status: number;
  readonly output: string;
}

export default stateModule({
  name: 'kubectl',
  summary: 'Apply, delete, read and wait for objects of a Kubernetes cluster.',
  notes: [
    "Runs on the host with its kubectl; nothing else is needed there. A module of kplay's own, in place of kubernetes.core.k8s.",
    'Whether anything would change is asked of the API server (`kubectl diff`), so check mode and the diff are true. Values of Secrets are hidden.',
    'Manifests may define a namespace or a new kind and use it: objects that need it are tried again until it is there. Then all of the manifests are shown as one change.',
    'In check mode a cluster that cannot be reached is a warning, since an earlier task may build it.',
  ],
  examples: `
- kubectl:
    src: [https://example.com/calico.yaml]
    server_side: true
    wait: true
- kubectl:
    definition:
      apiVersion: v1
      kind: Namespace
      metadata: {name: demo}
- kubectl:
    state: info
    kind: node
    name: ["{{ inventory_hostname }}"]
    wait_for: [condition=Ready]
    wait_timeout: 300
  register: node
`,
  returns: {
    resources: 'The objects, with state info.',
    objects: 'Names of the objects that were changed.',
    stdout: 'What kubectl printed.',
  },
  args: kubectlArguments,
  async probe(args, host): Promise<Current> {
    const manifest = manifestOf(args, host);
    checkTargets(args, manifest);
    const sections = await runSections(host, probeScript(args, manifest, host.checkMode), { stdin: manifest });
    const errors = (sections.get('errors') ?? '').trim();
    const status = Number((sections.get('status') ?? '2').trim());
    const output = sections.get('diff') ?? sections.get('objects') ?? '';
    // Old versions end with 1 for failures too, not only when something differs.
    const isFailure = args.state === 'present' && status === 1 && output.trim() === '' && errors !== '';
    return { manifest, errors, status: isFailure ? 2 : status, output };
  },
  plan(args, current, host): Plan {
    const failed = args.state === 'present' ? current.status > 1 : current.status !== 0;
    if (failed && !(args.state === 'present' && isNotThereYet(current.errors))) {
      const words = current.errors || `kubectl ended with ${current.status}`;
      if (!host.checkMode || !isWithoutCluster(current.errors)) throw new ModuleFailure(words);
      const changes = args.state === 'present' ? [{ what: 'manifests', after: 'applied' }] : [];
      return { changes, warnings: [`there is no cluster to ask yet: ${words}`], result: { resources: [] } };
    }
    if (args.state === 'info') return { changes: [], result: { resources: parseResources(current.output) } };
    const changes = args.state === 'present' ? applyChanges(args, current) : deleteChanges(args, current);
    return {
      changes,
      result: { objects: changes.filter(({ diff }) => diff?.before !== diff?.after || !diff).map(({ what }) => what) },
    };
  },
});

function checkTargets(args: KubectlArguments, manifest: string | undefined): void {
  const hasManifests = manifestFlags(args, manifest !== undefined) !== '';
  if (!hasManifests && args.kind === undefined) {
    throw new ModuleFailure('one of definition, src, template, kustomize or kind is needed');
  }
  if (args.state === 'present' && !hasManifests) {
    throw new ModuleFailure('state present needs definition, src, template or kustomize');
  }
  if (args.state === 'absent' && !hasManifests && args.name === undefined && args.selector === undefined) {
    throw new ModuleFailure('state absent with kind needs name or selector');
  }
}

/** All manifests of this machine as one text, undefined when there are none. */
function manifestOf(args: KubectlArguments, host: Host): string | undefined {
  const { controller } = host;
  const parts: string[] = [];
  if (args.definition !== undefined && args.definition !== null) {
    const definition = args.definition as Value;
    if (typeof definition === 'string') parts.push(definition);
    else parts.push(...(Array.isArray(definition) ? definition : [definition]).map((one) => jsonText(one)));
  }
  for (const source of localSources(args)) parts.push(decode(localBytes(controller.findFile(source, 'files'))));
  for (const source of args.template ?? []) parts.push(controller.renderFile(controller.findFile(source, 'templates')));
  // Without the first line kubectl takes text that begins with JSON for one JSON document.
  return parts.length === 0 ? undefined : parts.map((part) => `---\n${part.trimEnd()}\n`).join('');
}

/** What kubectl is to work on: the manifests, or kind with names or labels. */
function target(args: KubectlArguments, manifest: string | undefined): string {
  return [manifestFlags(args, manifest !== undefined), objectWords(args) ?? ''].filter((text) => text !== '').join(' ');
}

function probeScript(args: KubectlArguments, manifest: string | undefined, checkMode: boolean): string {
  const prelude = kubectlPrelude(args, manifest !== undefined);
  const objects = target(args, manifest);
  // What is as it should be may still be on its way.
  const wait =
    wantsWait(args) && !checkMode && args.state !== 'absent'
      ? `[ $s -ne 0 ] || ( ${waitScript(args, objects)}\n) >/dev/null 2>"$d/wait" || { s=2; cat "$d/wait" >>"$d/errors"; }`
      : '';
  if (args.state === 'present') return prelude + diffScript(args, manifestFlags(args, manifest !== undefined), wait);
  return prelude + getScript(objects, args.state === 'info' ? 'json' : 'name', wait);
}

function wantsWait(args: KubectlArguments): boolean {
  return args.wait || (args.wait_for ?? []).length > 0;
}

function readJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw new ModuleFailure(`kubectl did not answer in JSON, or with more than can be held: ${output.slice(0, 200)}`);
  }
}

function parseResources(output: string): Value[] {
  if (output.trim() === '') return [];
  const parsed = readJson(output) as { kind?: string; items?: Value[] };
  return parsed.kind === 'List' || parsed.items ? (parsed.items ?? []) : [parsed as Value];
}

function applyChanges(args: KubectlArguments, current: Current): Change[] {
  const stdin = current.manifest === undefined ? {} : { stdin: current.manifest };
  const flags = manifestFlags(args, current.manifest !== undefined);
  const prelude = kubectlPrelude(args, current.manifest !== undefined);
  const wait = wantsWait(args) ? `\n${waitScript(args, target(args, current.manifest))}` : '';
  const command = `${prelude}${applyScript(args, flags)}${wait}`;
  if (current.status > 1) return [{ what: 'manifests', after: 'applied', command, ...stdin }];
  const changes: Change[] = parseObjectDiffs(current.output).map((diff) => ({
    what: diff.name,
    diff: { ...shownDiff(diff), beforeHeader: diff.name, afterHeader: diff.name },
  }));
  return changes.map((change, index) => (index === changes.length - 1 ? { ...change, command, ...stdin } : change));
}

function deleteChanges(args: KubectlArguments, current: Current): Change[] {
  const names = linesOf(current.output);
  const stdin = current.manifest === undefined ? {} : { stdin: current.manifest };
  const prelude = kubectlPrelude(args, current.manifest !== undefined);
  const command = prelude + deleteScript(args, target(args, current.manifest));
  return names.map((name, index) => ({
    what: name,
    before: 'present',
    ...(index === names.length - 1 ? { command, ...stdin } : {}),
  }));
}
