/**
 * Folder of the lab that is measured on when nothing else is said: a cluster that runs on the usual lab's hosts would take its
 * part of the machine, and the benchmark would disturb it.
 */
export const ownLab = '/var/lib/kplay-bench';
