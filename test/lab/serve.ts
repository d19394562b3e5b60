import { createReadStream, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { serveNoNames } from './no-names.ts';

/*
 * The lab's file server, and the name server that knows nothing: a process of its own inside the lab's network namespace:
 * node serve.js FOLDER ADDRESS PORT PIDFILE. It writes PIDFILE once it listens.
 */

const [folder, address, port, pidFile] = process.argv.slice(2);
if (folder === undefined || address === undefined || port === undefined || pidFile === undefined) {
  throw new Error('usage: serve.js FOLDER ADDRESS PORT PIDFILE');
}
serveNoNames(address);
const server = createServer((request, response) => answer(folder, request, response));
server.listen(Number(port), address, () => writeFileSync(pidFile, `${process.pid}\n`));
process.on('SIGTERM', () => process.exit(0));

function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const file = locate(root, request.url ?? '/');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const stats = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === undefined || stats === undefined || !stats.isFile()) return refuse(response, 404);
  const modified = Math.floor(stats.mtimeMs / 1000) * 1000;
  response.setHeader('Last-Modified', new Date(modified).toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  if (modified <= since) {
    response.writeHead(304).end();
    return;
  }
  const start = rangeStart(request.headers.range, stats.size);
  if (start > 0) response.setHeader('Content-Range', `bytes ${start}-${stats.size - 1}/${stats.size}`);
  response.writeHead(start > 0 ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': stats.size - start,
  });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(file, { start })
      .on('error', () => response.destroy())
      .pipe(response);
}

/** The file that a URL names, or undefined when it leads out of the folder. */
function locate(root: string, url: string): string | undefined {
  try {
    const name = decodeURIComponent(url.split('?')[0]!);
    const file = path.join(root, path.normalize(`/${name}`));
    return file.includes('\0') ? undefined : file;
  } catch {
    return undefined;
  }
}

/** Only `bytes=N-` is known, which is what apt and curl send to go on with a download; all else gets the whole file. */
function rangeStart(range: string | undefined, size: number): number {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  return start < size ? start : 0;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${status}\n`);
}
