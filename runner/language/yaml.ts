import { readFileSync } from 'node:fs';
import { type Event, parseEvents, YAMLException } from 'js-yaml';
import { KplayError, type Warn } from '../errors.ts';
import type { Position } from '../position.ts';
import { decode, firstInvalid } from '../python/bytes.ts';
import { systemPath } from '../python/file-names.ts';
import type { Value } from '../value.ts';
import { YamlBuilder } from './yaml-builder.ts';
import { yamlProblem } from './yaml-errors.ts';
import { SourceText } from './yaml-source.ts';

export { positionOfRoot } from './yaml-builder.ts';

export interface YamlOptions {
  /** Told of duplicate keys, the last of which wins. */
  readonly warn?: Warn | undefined;
}

/**
 * Reads one YAML document as Ansible (PyYAML, YAML 1.1) does; empty text is null. The places of all entries are
 * remembered (`placeOfValue`, `placeOfKey`), that of the document by {@link positionOfRoot}. The place of a text is
 * that of its first character inside the quotes. Different from PyYAML: keys are always text (as Python's str()
 * prints them), dates stay text. Throws KplayError `yaml`, or `unsupported` for vault.
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): Value {
  const source = new SourceText(text, file);
  const documents = readDocuments(source, options);
  if (documents.length > 1) {
    throw new KplayError({
      code: 'yaml',
      message: 'The file holds several YAML documents, but one is expected.',
      position: documents[1]?.position,
      hint: 'Remove the "---" between them, or make separate files.',
    });
  }
  return documents[0]?.value ?? null;
}

/** Reads all documents of a text, as {@link parseYaml} does. */
export function parseYamlDocuments(text: string, file: string, options: YamlOptions = {}): Value[] {
  return readDocuments(new SourceText(text, file), options).map((document) => document.value);
}

/** Reads a file with one document. Throws KplayError `missing-file` when it cannot be read, else as {@link parseYaml}. */
export function readYamlFile(path: string, options: YamlOptions = {}): Value {
  return parseYaml(readText(path), path, options);
}

/** A YAML file's text. Throws KplayError `missing-file` when it cannot be read, else as {@link yamlText}. */
export function readText(path: string): string {
  return yamlText(readBytes(path), path);
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(systemPath(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new KplayError({ code: 'missing-file', message: `${reasons[code] ?? 'Cannot read the file'}: ${path}` });
  }
}

/** The text of a YAML file's bytes. Throws KplayError `yaml` with the place of a byte that is not UTF-8, which YAML does not allow. */
export function yamlText(bytes: Buffer, file: string): string {
  const text = decode(bytes);
  if (text.isWellFormed()) return text;
  const at = firstInvalid(bytes);
  const before = decode(bytes.subarray(0, at));
  throw new KplayError({
    code: 'yaml',
    message: `The byte 0x${bytes[at]!.toString(16)} is not UTF-8, as YAML files are.`,
    position: new SourceText(before, file).position(before.length),
    hint: utf16(bytes)
      ? 'The file looks like UTF-16: save it as UTF-8.'
      : 'Save the file as UTF-8, e.g. by iconv -f latin1 -t utf-8 when it was written as Latin-1.',
  });
}

function utf16(bytes: Buffer): boolean {
  const start = bytes.readUIntBE(0, Math.min(2, bytes.length));
  return start === 0xfffe || start === 0xfeff;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  EISDIR: 'This is a folder, not a file',
  EACCES: 'The file may not be read by this user',
};

function readDocuments(source: SourceText, options: YamlOptions): { value: Value; position: Position }[] {
  if (source.text.startsWith('$ANSIBLE_VAULT;')) {
    throw new KplayError({
      code: 'unsupported',
      message: 'Files encrypted with ansible-vault are not supported.',
      hint: 'Decrypt it into a file that only you can read, or give its values with --extra-vars @FILE.',
      position: source.position(0),
    });
  }
  try {
    return new YamlBuilder(events(source), source, options.warn).documents();
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new KplayError(yamlProblem(error.reason, source.lines(), source.position(error.mark?.position ?? 0)));
  }
}

const parserOptions = { maxDepth: 1000 };

/** So many lines within brackets or quotes may be indented less than what they stand in. */
const maxIndented = 300;

function events(source: SourceText): Event[] {
  let first: YAMLException | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return parseEvents(source.text, parserOptions);
    } catch (error) {
      if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') throw error;
      first ??= error;
      if (tries >= maxIndented || !source.indentLine(error.mark?.position ?? 0)) throw first;
    }
  }
}
