import type { ModuleResult } from '../runner/module/contract.ts';
import { controllerModule } from '../runner/module/contract.ts';
import { wait } from '../runner/wait.ts';

export default controllerModule({
  name: 'pause',
  summary: 'Wait for some time, or for somebody to press Enter.',
  notes: [
    'Runs once for all hosts of the batch. Without a terminal a prompt is not waited for, as in Ansible, and a warning says so.',
    'With seconds or minutes the whole time is waited, whatever is typed.',
  ],
  examples: `
- ansible.builtin.pause:
    seconds: 10
- ansible.builtin.pause:
    prompt: Check the load balancer, then press Enter
`,
  returns: {
    user_input: 'What was typed.',
    delta: 'Seconds that it took.',
    start: 'When it began.',
    stop: 'When it ended.',
    echo: 'Whether the input was shown.',
  },
  oncePerBatch: true,
  args: {
    seconds: { type: 'int', doc: 'Seconds to wait.' },
    minutes: { type: 'int', doc: 'Minutes to wait.' },
    prompt: { type: 'str', doc: 'Text to show; waits for Enter when no time is given.' },
    echo: { type: 'bool', default: true, doc: 'Whether what is typed is shown.' },
  },
  rules: { mutuallyExclusive: [['seconds', 'minutes']] },
  async run(args, host): Promise<ModuleResult> {
    const start = new Date();
    const seconds = args.minutes === undefined ? args.seconds : args.minutes * 60;
    const duration = seconds === undefined ? undefined : Math.max(seconds, 1);
    const asked = args.prompt !== undefined || duration === undefined;
    const [typed] = await Promise.all([
      asked
        ? host.controller.prompt(args.prompt ?? 'Press enter to continue, Ctrl+C to interrupt', {
            echo: args.echo,
            timeoutSeconds: duration,
          })
        : undefined,
      duration === undefined ? undefined : wait(duration * 1000),
    ]);
    const stop = new Date();
    const unanswered = asked && duration === undefined && typed === undefined;
    return {
      fields: {
        user_input: typed ?? '',
        echo: args.echo,
        start: text(start),
        stop: text(stop),
        delta: Math.floor((stop.getTime() - start.getTime()) / 1000),
        rc: 0,
        stdout: duration === undefined ? 'Paused for user input' : pausedText(args.minutes, duration),
        stderr: '',
      },
      warnings: unanswered ? ['Not waiting for response to prompt as stdin is not interactive'] : [],
    };
  },
});

function text(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

function pausedText(minutes: number | undefined, seconds: number): string {
  return minutes === undefined ? `Paused for ${seconds} seconds` : `Paused for ${minutes} minutes`;
}
