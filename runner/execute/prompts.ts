import { KplayError } from '../errors.ts';
import type { PlayNode, VarsPrompt } from '../language/tree.ts';
import { pythonText } from '../python/text.ts';
import type { Mapping, Value } from '../value.ts';
import type { Engine } from './engine.ts';

/** Asks for a play's vars_prompt that no extra variable answers. Throws KplayError when there is no terminal to ask at. */
export async function askVariables(engine: Engine, play: PlayNode): Promise<Mapping> {
  const answers: Mapping = {};
  for (const prompt of play.varsPrompt) {
    if (Object.hasOwn(engine.extraVars, prompt.name)) continue;
    answers[prompt.name] = await ask(engine, prompt);
  }
  return answers;
}

async function ask(engine: Engine, prompt: VarsPrompt): Promise<Value> {
  if (prompt.private && prompt.default !== undefined) engine.secrets.add(prompt.default);
  const fallback = prompt.default === undefined ? '' : ` [${pythonText(prompt.default)}]`;
  for (;;) {
    const answer = await engine.prompt(`${prompt.prompt}${fallback}: `, { echo: !prompt.private });
    if (answer === undefined) {
      if (prompt.default !== undefined) {
        warn(engine, 'Not prompting as we are not in interactive mode');
        return prompt.default;
      }
      throw new KplayError({
        code: 'variables',
        message: `${prompt.name} must be asked for, but there is no terminal`,
        hint: `Give it with -e ${prompt.name}=…`,
        position: prompt.position,
      });
    }
    if (answer === '' && prompt.default !== undefined) return prompt.default;
    if (!prompt.confirm) return answer;
    if ((await engine.prompt(`confirm ${prompt.prompt}: `, { echo: !prompt.private })) === answer) return answer;
    warn(engine, 'The two entries are not the same; please enter them again.');
  }
}

function warn(engine: Engine, text: string): void {
  engine.emit({ type: 'message', time: Date.now(), level: 'warning', text });
}
