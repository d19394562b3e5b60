/** The parts of a URL, as Python's urlsplit names them. */
export interface UrlParts {
  readonly scheme: string;
  readonly netloc: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Splits a URL as Python's urlsplit does: no scheme and no host are empty. */
export function splitUrl(url: string): UrlParts {
  const text = url.replace(/^[\x00-\x20]+/, '').replace(/[\t\r\n]/g, '');
  const [, scheme = '', rest = text] = /^([A-Za-z][A-Za-z\d+.-]*):([\s\S]*)$/.exec(text) ?? [];
  const match = /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(rest);
  const [, netloc = '', path = '', query = '', fragment = ''] = match ?? [];
  return { scheme: scheme.toLowerCase(), netloc, path, query, fragment };
}
