import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for Harbor's API: what the role harbor asks of it, kept in memory. Harbor itself cannot be had in a test. */
export interface HarborStandIn {
  readonly url: string;
  /** Projects by name: whether they are public. */
  readonly projects: Map<string, string>;
  readonly registries: Entry[];
  readonly policies: Entry[];
  /** Requests that changed something, as "POST /projects". */
  readonly writes: string[];
  close(): void;
}

/** A registry or a policy as it was sent, with its number. */
export interface Entry {
  id: number;
  name: string;
  [key: string]: unknown;
}

type Body = Record<string, unknown>;

/** Starts one that takes admin with this password. */
export async function startHarbor(password: string): Promise<HarborStandIn> {
  const projects = new Map<string, string>([['library', 'true']]);
  const registries: Entry[] = [];
  const policies: Entry[] = [];
  const writes: string[] = [];
  const wanted = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  let next = 1;

  function answer(path: string, method: string, query: URLSearchParams, body: Body): [number, unknown?] {
    const [kind = '', which = ''] = path.split('/');
    if (path === 'users/current') return [200, { username: 'admin' }];
    if (kind === 'projects') return answerProjects(method, which, query, body);
    if (kind === 'registries') return answerList(registries, method, which, body);
    if (path.startsWith('replication/policies')) return answerPolicies(method, path.split('/')[2] ?? '', body);
    return [404, { errors: [{ code: 'NOT_FOUND' }] }];
  }

  function answerProjects(method: string, which: string, query: URLSearchParams, body: Body): [number, unknown?] {
    const visibility = String((body.metadata as Body | undefined)?.public ?? 'false');
    if (method === 'GET') {
      // Harbor looks for a part of the name.
      const found = [...projects].filter(([name]) => name.includes(query.get('name') ?? ''));
      return [200, found.map(([name, value]) => ({ name, metadata: { public: value } }))];
    }
    if (method === 'PUT') {
      if (!projects.has(which)) return [404];
      projects.set(which, visibility);
      return [200];
    }
    const name = String(body.project_name);
    if (projects.has(name)) return [409, { errors: [{ code: 'CONFLICT' }] }];
    projects.set(name, visibility);
    return [201];
  }

  function answerPolicies(method: string, which: string, body: Body): [number, unknown?] {
    const side = (body.dest_registry ?? body.src_registry) as { id?: number } | undefined;
    if (method !== 'GET' && !registries.some((one) => one.id === side?.id))
      return [400, { errors: [{ code: 'BAD_REQUEST' }] }];
    return answerList(policies, method, which, body);
  }

  function answerList(list: Entry[], method: string, which: string, body: Body): [number, unknown?] {
    if (method === 'GET') return [200, list.map(masked)];
    if (method === 'PUT') {
      const at = list.findIndex((one) => one.id === Number(which));
      if (at < 0) return [404];
      list[at] = { ...list[at]!, ...body, ...credential(body) };
      return [200];
    }
    if (list.some((one) => one.name === body.name)) return [409, { errors: [{ code: 'CONFLICT' }] }];
    list.push({ ...body, name: String(body.name), id: next++ });
    return [201];
  }

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const path = decodeURIComponent(url.pathname.replace(/^\/api\/v2\.0\//, ''));
    const method = request.method ?? 'GET';
    const [status, value] =
      path === 'systeminfo'
        ? [200, { auth_mode: 'db_auth' }]
        : request.headers.authorization !== wanted
          ? [401, { errors: [{ code: 'UNAUTHORIZED' }] }]
          : answer(path, method, url.searchParams, text === '' ? {} : (JSON.parse(text) as Body));
    if (method !== 'GET' && status < 300) writes.push(`${method} /${path}`);
    response.writeHead(status as number, { 'Content-Type': 'application/json' });
    response.end(value === undefined ? '' : JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, projects, registries, policies, writes, close: () => server.close() };
}

/** What PUT calls access_key and access_secret is a credential in what GET tells. */
function credential(body: Body): Body {
  if (body.access_key === undefined) return {};
  return { credential: { type: 'basic', access_key: body.access_key, access_secret: body.access_secret } };
}

/** Harbor tells no secrets. */
function masked(entry: Entry): Entry {
  const known = entry.credential as Body | undefined;
  return known === undefined ? entry : { ...entry, credential: { ...known, access_secret: '*****' } };
}
