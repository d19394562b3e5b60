import { linesOf, section } from '../probe.ts';
import type { AptArguments } from './state.ts';
import { downloads } from './state.ts';

/*
 * apt-get refuses packages of a repository that is not signed, but not yet when it only simulates. So it is asked which of its
 * repositories it trusts, and where there is one that it does not, what it would download.
 */

/** Sections that {@link unsignedFailure} reads, none for an operation that takes packages as they come, or downloads none. */
export function unsignedSections(args: AptArguments, operation: string): string[] {
  if (args.allow_unauthenticated || args.force || /^auto|^remove /.test(operation)) return [];
  return [
    section(
      'repositories',
      `kplay_any=; eval "$(apt-config shell kplay_any APT::Get::AllowUnauthenticated/b 2>/dev/null)"
kplay_repositories=; [ "$kplay_any" = true ] || kplay_repositories=$(apt-get indextargets --format '$(TRUSTED) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null)
printf '%s\\n' "$kplay_repositories"`,
    ),
    section(
      'downloads',
      `printf '%s\\n' "$kplay_repositories" | grep -q '^no ' && ${downloads(args, operation)} 2>/dev/null </dev/null | grep "^'"`,
    ),
  ];
}

/** Why apt-get would refuse to install what it would download; undefined when it would not, or when that is not plain. */
export function unsignedFailure(sections: ReadonlyMap<string, string>): string | undefined {
  const repositories = linesOf(sections.get('repositories')).map((line) => line.split(' '));
  const of = (answer: string): Set<string> =>
    new Set(repositories.filter(([trusted]) => trusted === answer).map(([, uri = '']) => uri));
  // Suites of one server have the same URI; what of one that is trusted may come from there is left to the run.
  const [trusted, unsigned] = [of('yes'), of('no')];
  const found = new Map<string, string[]>();
  for (const line of linesOf(sections.get('downloads'))) {
    const [, uri = '', name = ''] = /^'(\S+)' ([^_\s]+)_/.exec(line) ?? [];
    const within = (set: ReadonlySet<string>): string | undefined =>
      [...set].find((one) => one !== '' && uri.startsWith(one));
    const repository = within(unsigned);
    if (repository === undefined || within(trusted) !== undefined) continue;
    found.set(repository, [...(found.get(repository) ?? []), name]);
  }
  if (found.size === 0) return undefined;
  const parts = [...found].map(([uri, names]) => `${names.join(', ')} of ${withoutUser(uri)}`);
  return `packages cannot be authenticated: ${parts.join('; ')}, which is not signed; allow_unauthenticated would take them all the same`;
}

/** A URI without the user and password that it may hold. */
function withoutUser(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//');
}
