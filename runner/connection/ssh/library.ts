import ssh2 from 'ssh2';

/** What needs the SSH library, which takes a while to load. */
export { algorithmsFor } from './algorithms.ts';
export { Authenticator } from './authentication.ts';
export const { Client } = ssh2;
