import type { Mapping } from '../../runner/value.ts';
import { keyValues } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';
import { parseOsRelease, ReleaseFiles, releaseFilesReading } from './release-files.ts';

const fromOsRelease = '@os-release';

/**
 * What lsb_release says, where it is installed. Debian's, since it is a shell script, says what stands in os-release, and
 * starts more programs for it than all other facts need: it is not run.
 */
export const lsb: FactCollector = {
  name: 'lsb',
  subset: 'lsb',
  shares: [releaseFilesReading],
  script: `if command -v lsb_release >/dev/null; then
  value /usr/bin/lsb_release >/dev/null
  if [ "$v" = '#!/bin/sh' ] && [ -f /etc/debian_version ]; then echo ${fromOsRelease}; else lsb_release -a; fi
fi`,
  parse(output, _known, more) {
    const files = new ReleaseFiles(more?.shared(releaseFilesReading) ?? '');
    if (output.startsWith(fromOsRelease)) return { lsb: likeDebians(files.osRelease) };
    const printed = keyValues(output, ':');
    return {
      lsb: printed.size > 0 ? ofCommand(printed) : ofFile(parseOsRelease(files.text('/etc/lsb-release') ?? '')),
    };
  },
};

function likeDebians(osRelease: ReadonlyMap<string, string>): Mapping {
  const id = osRelease.get('ID') ?? '';
  const name = osRelease.get('NAME') ?? '';
  const capital = `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
  return facts({
    id: (name.toLowerCase() === id.toLowerCase() ? name : capital) || 'n/a',
    description: osRelease.get('PRETTY_NAME') || 'n/a',
    release: osRelease.get('VERSION_ID') || 'n/a',
    codename: osRelease.get('VERSION_CODENAME') || 'n/a',
  });
}

function ofCommand(printed: ReadonlyMap<string, string>): Mapping {
  return facts({
    id: printed.get('Distributor ID'),
    description: printed.get('Description'),
    release: printed.get('Release') ?? printed.get('LSB Version'),
    codename: printed.get('Codename'),
  });
}

function ofFile(file: ReadonlyMap<string, string>): Mapping {
  return facts({
    id: file.get('DISTRIB_ID'),
    description: file.get('DISTRIB_DESCRIPTION'),
    release: file.get('DISTRIB_RELEASE'),
    codename: file.get('DISTRIB_CODENAME'),
  });
}

function facts(said: Readonly<Record<'id' | 'description' | 'release' | 'codename', string | undefined>>): Mapping {
  const found: Mapping = {};
  for (const [key, value] of Object.entries(said))
    if (value !== undefined) found[key] = value.replace(/^["'\\]+|["'\\]+$/g, '');
  if (said.release !== undefined) found.major_release = said.release.split('.')[0]!;
  return found;
}
