import { table } from '../table.ts';
/**
 * Other names of modules, which must be known without loading any. Each stands in its module's `aliases` too; a test
 * compares the two.
 */
export const moduleAliases: Readonly<Record<string, string>> = table<string>({
  yum: 'dnf',
  dnf5: 'dnf',
  systemd_service: 'systemd',
});
