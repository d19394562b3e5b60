import { EvaluationError } from '../../python/evaluation-error.ts';
import { splitUrl } from '../../python/url.ts';
import { mapping, type Value } from '../../value.ts';

/** Ansible's `urlsplit`: the parts of a URL, or the one that is asked for. */
export function urlSplit(url: string, query: string): Value {
  const { scheme, netloc, path, query: search, fragment } = splitUrl(url);
  const at = netloc.lastIndexOf('@');
  const user = at < 0 ? undefined : netloc.slice(0, at);
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(netloc.slice(at + 1));
  const hostname = (host?.[1] ?? host?.[2] ?? '').toLowerCase();
  const colon = user?.indexOf(':') ?? -1;
  const parts = mapping([
    ['fragment', fragment],
    ['hostname', hostname === '' ? null : hostname],
    ['netloc', netloc],
    ['password', user !== undefined && colon >= 0 ? user.slice(colon + 1) : null],
    ['path', path],
    ['port', host?.[3] === undefined ? null : Number(host[3])],
    ['query', search],
    ['scheme', scheme],
    ['username', user === undefined ? null : colon < 0 ? user : user.slice(0, colon)],
  ]);
  if (query === '') return parts;
  if (Object.hasOwn(parts, query)) return parts[query]!;
  throw new EvaluationError(`urlsplit: unknown URL component: ${query}`);
}
