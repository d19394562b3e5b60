import { schema } from '../shared/schema.ts';

/** Arguments of `kubectl`. */
export const kubectlArguments = schema({
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent', 'info'],
    doc: 'present applies, absent deletes, info only reads (and waits).',
  },
  definition: { type: 'raw', doc: 'Objects, inline: a dict, a list of dicts, or YAML text.' },
  src: {
    type: 'list',
    elements: 'str',
    doc: "Manifest files of this machine, looked for in files/; of the host with remote_src. URLs are fetched by the host's kubectl.",
  },
  remote_src: { type: 'bool', default: false, doc: 'The files and folders of src are on the host.' },
  template: {
    type: 'list',
    elements: 'str',
    doc: 'Manifest files of this machine that are templates, looked for in templates/.',
  },
  kustomize: { type: 'path', doc: 'A folder of the host with a kustomization.' },
  kind: { type: 'str', doc: 'Kind of the objects to delete, read or wait for, e.g. `node` or `deployment.apps`.' },
  name: { type: 'list', elements: 'str', doc: 'Names of the objects to delete, read or wait for.' },
  selector: { type: 'str', aliases: ['label_selector'], doc: 'Labels of the objects to delete, read or wait for.' },
  field_selector: { type: 'str', doc: 'Fields of the objects to read.' },
  namespace: { type: 'str', doc: 'Namespace of objects that do not say theirs.' },
  all_namespaces: { type: 'bool', default: false, doc: 'Read objects of all namespaces.' },
  kubeconfig: {
    type: 'path',
    doc: 'File with the access to the cluster; KUBECONFIG, else /etc/kubernetes/admin.conf where it is there, when not given.',
  },
  context: { type: 'str', doc: "The file's context to use." },
  server_side: {
    type: 'bool',
    default: false,
    doc: 'Let the API server merge (server-side apply), for large objects too.',
  },
  force_conflicts: { type: 'bool', default: false, doc: 'With server_side, take over fields that others manage.' },
  field_manager: { type: 'str', doc: "Name under which fields are managed; kubectl's own when not given." },
  validate: { type: 'bool', default: true, doc: 'Check objects against their schema.' },
  wait: {
    type: 'bool',
    default: false,
    doc: 'Wait: for what wait_for says, else until rollouts are done, or objects gone.',
  },
  wait_for: {
    type: 'list',
    elements: 'str',
    doc: 'Conditions in the spelling of `kubectl wait --for`: `condition=Ready`, `jsonpath={.status.phase}=Running`, `delete`.',
  },
  wait_timeout: { type: 'int', default: 120, doc: 'Seconds to wait.' },
  grace_period: { type: 'int', doc: 'Seconds that pods get to end, with state absent.' },
  executable: { type: 'path', default: 'kubectl', doc: 'The program.' },
});
