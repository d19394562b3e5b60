import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../runner/root.ts';
import { languageReference } from './language-reference.ts';
import { rolesReference } from './roles-reference.ts';

writeFileSync(path.join(packageRoot, 'docs', 'roles.md'), rolesReference(packageRoot));
writeFileSync(path.join(packageRoot, 'docs', 'language.md'), languageReference());
