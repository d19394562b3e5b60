import { KplayError } from '../errors.ts';

/** A signal that is aborted, with a KplayError as its reason, once standard output cannot be written to any more. */
export function outputLoss(): AbortSignal {
  const loss = new AbortController();
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EPIPE' ? 'its reader has closed it' : error.message;
    const message = `Standard output cannot be written to (${why}): hosts finished the task that they were at, and the run was ended.`;
    loss.abort(new KplayError({ code: 'output', message }, { cause: error }));
  });
  return loss.signal;
}
