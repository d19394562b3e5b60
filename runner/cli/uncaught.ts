type Handler = (error: unknown) => void;

const handlers: Handler[] = [];

/**
 * Says what becomes of errors that nobody caught, rejected promises too; without this Node prints them with a stack trace and
 * ends the process in the middle of everything. The handler that came last is asked. Returns the function that takes it away.
 */
export function handleUncaught(handler: Handler): () => void {
  if (handlers.length === 0) process.on('uncaughtException', askLast);
  handlers.push(handler);
  return () => {
    handlers.splice(handlers.indexOf(handler), 1);
    if (handlers.length === 0) process.off('uncaughtException', askLast);
  };
}

function askLast(error: unknown): void {
  handlers.at(-1)?.(error);
}
