/**
 * The command line: what can be written on it, and which command does it. Commander parses; what it
 * prints and how it ends go through `Io`, so that the same code runs in a test. A command's own
 * file is loaded when it is called: none of them waits for Ink or for another.
 */
import { Command, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { Failure } from '../files/failure.ts';
import { BAD, INTERRUPTED, type Io, OK } from './io.ts';
import {
  collect,
  collectKnobs,
  count,
  jobCount,
  type KnobSettings,
  wholeNumber,
} from './settings.ts';
import { guardTerminal } from './terminal.ts';

/** Runs a command line; resolves to the exit code. */
export async function runCommandLine(args: readonly string[], world: Io): Promise<number> {
  const io = guardTerminal(world);
  let printed = '';
  const result = { code: OK };
  const program = createProgram(io, result);
  configure(program, io, (text) => {
    printed += text;
  });
  try {
    checkHelp(program, args);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    result.code = await ended(error, io);
  }
  try {
    if (printed !== '') await io.out(printed);
  } catch (error) {
    result.code = await ended(error, io);
  }
  return result.code;
}

/** Of an unknown command the library would print the help of all, and no word of what is wrong. */
function checkHelp({ commands }: Command, [word, name]: readonly string[]): void {
  if (word !== 'help' || name === undefined || name === 'help') return;
  const names = commands.map((command) => command.name());
  if (names.includes(name)) return;
  throw new Failure(`help ${name}: there is no such command: ${names.join(', ')}, help`);
}

/** The code after an exception. What is neither bad usage nor bad input is a bug, and thrown on. */
async function ended(error: unknown, io: Io): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? OK : BAD;
  if (!(error instanceof Failure)) throw error;
  if (io.interrupted.aborted) return INTERRUPTED;
  io.err(`twomsl: ${error.message}\n`);
  return BAD;
}

function configure(program: Command, io: Io, print: (text: string) => void): void {
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .showHelpAfterError('("--help" tells more)')
      .configureOutput({
        writeOut: print,
        writeErr: (text) => io.err(text),
        outputError: (text, write) => write(text.replace(/^error: /, 'twomsl: ')),
        getOutHelpWidth: () => io.columns,
        getErrHelpWidth: () => io.columns,
        getOutHasColors: () => false,
        getErrHasColors: () => false,
      });
  }
}

const JSON_FLAG = ['--json', 'print the result as JSON, as in tui/commands/README.md'] as const;
const FORCE_FLAG = ['--force', 'replace a file that exists'] as const;
const UNTIL_FLAG = ['--until <time>', 'read no further than a virtual time: 1.5s, 10m'] as const;
const EVENTS_FLAG = ['--events <n>', 'read so many events at most', wholeNumber] as const;
const SET_TEXT = 'set a knob on every host; may be given often, as --set time_wait_ms=1000';
const PROFILE_TEXT = 'behave as this stack: "twomsl list profiles"';
const STATUS = `
Exit codes: 0 done; 1 it ran, and the answer is no; 2 bad usage or input; 130 interrupted.
"-" is stdin or stdout. Logs and captures may be compressed (.gz, .zst).`;

function createProgram(io: Io, result: { code: number }): Command {
  /** The work of a command, with its exit code kept. */
  const does =
    (work: (...args: never[]) => Promise<number>) =>
    async (...args: unknown[]): Promise<void> => {
      result.code = await work(...(args as never[]));
    };
  const program = new Command('twomsl')
    .description('A simulator and time machine for TCP, in the terminal.')
    .version(packageJson.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show how it is used')
    .helpCommand('help [command]', 'show how a command is used')
    // Options of the dashboard are those of some commands too: each takes its own.
    .enablePositionalOptions()
    .argument('[log]', 'a log to open in the dashboard; without it, the tour')
    .option(
      '--budget <MB>',
      'memory for keyframes of a long log; more makes jumps quicker',
      wholeNumber,
    )
    .option(...UNTIL_FLAG)
    .option(...EVENTS_FLAG)
    .addHelpText('after', STATUS)
    .action(
      does(async (log: string | undefined, options: OpenOptions) =>
        (await import('./open.ts')).open({ log, ...options }, io),
      ),
    );
  addRun(program, does, io);
  addReplay(program, does, io);
  addFork(program, does, io);
  addExperiment(program, does, io);
  addImport(program, does, io);
  addExport(program, does, io);
  addConvert(program, does, io);
  addPacketdrill(program, does, io);
  addExplore(program, does, io);
  addFuzz(program, does, io);
  addCheckAndList(program, does, io);
  addProfiles(program, does, io);
  return program;
}

type Does = (work: (...args: never[]) => Promise<number>) => (...args: unknown[]) => Promise<void>;

type OpenOptions = { budget?: number; until?: string; events?: number };

type Compression = { compression?: 'none' | 'zstd' };

function compressionOption(): Option {
  return new Option(
    '--compression <kind>',
    'of a log in .arrows; none is quicker, and eight times larger',
  ).choices(['none', 'zstd']);
}

type RunOptions = Compression & {
  seed?: string;
  profile?: string;
  set: KnobSettings;
  until?: string;
  out?: string;
  force?: true;
  json?: true;
};

function command(program: Command, usage: string, text: string): Command {
  return program.command(usage).description(text).helpOption('-h, --help', 'show how it is used');
}

function setOption(): Option {
  return new Option('--set <knob=value>', SET_TEXT)
    .argParser((text: string, before: KnobSettings) => collectKnobs(text, before))
    .default({}, 'as the profile says');
}

function addRun(program: Command, does: Does, io: Io): void {
  command(program, 'run <scenario>', 'run a scenario, by name or from a .ts file, and log it')
    .option('--seed <seed>', 'where all chance comes from, a number or a word')
    .option('--profile <name>', PROFILE_TEXT)
    .addOption(setOption())
    .option('--until <time>', 'stop at a virtual time: 1.5s, 10m; else when nothing is left to do')
    .option('--out <log>', 'the log to write; without it stdout, or a summary on a terminal')
    .addOption(compressionOption())
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .action(
      does(async (scenario: string, options: RunOptions) =>
        (await import('./run.ts')).run({ scenario, ...options }, io),
      ),
    );
}

type ReplayOptions = { at?: number; time?: string; json?: true };

function addReplay(program: Command, does: Does, io: Io): void {
  command(program, 'replay <log>', 'fold a log and show the state that it leads to')
    .option('--at <n>', 'after the first n events; from the end if negative', wholeNumber)
    .addOption(new Option('--time <time>', 'at a virtual time: 1.5s, 20ms').conflicts('at'))
    .option(...JSON_FLAG)
    .action(
      does(async (log: string, options: ReplayOptions) =>
        (await import('./replay.ts')).replay({ log, ...options }, io),
      ),
    );
}

type ForkOptions = ReplayOptions &
  Compression & {
    set: KnobSettings;
    host?: string;
    crash?: string;
    out?: string;
    force?: true;
  };

function addFork(program: Command, does: Does, io: Io): void {
  command(program, 'fork <log>', 'change one thing at a moment of a log, and run on from there')
    .option('--at <n>', 'after the first n events; from the end if negative', wholeNumber)
    .addOption(new Option('--time <time>', 'at a virtual time: 1.5s, 20ms').conflicts('at'))
    .addOption(setOption())
    .option('--host <name>', 'set the knobs on this host alone')
    .option('--crash <host>', 'let a host crash at that moment')
    .option('--out <log>', 'the log to write; without it stdout, or a summary on a terminal')
    .addOption(compressionOption())
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .action(
      does(async (log: string, options: ForkOptions) =>
        (await import('./fork.ts')).fork({ log, ...options }, io),
      ),
    );
}

type ExperimentOptions = {
  out?: string;
  force?: true;
  json?: true;
  seed?: string;
  jobs?: number;
};

function addExperiment(program: Command, does: Does, io: Io): void {
  command(program, 'experiment <script>', 'run a churn experiment, by name or from a .ts file')
    .option('--seed <seed>', 'where all chance comes from, a number or a word')
    .option('--jobs <n>', 'points run at a time; without it one on each core', jobCount)
    .option('--out <dir>', 'a folder for the table as CSV and JSON')
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .action(
      does(async (script: string, options: ExperimentOptions) =>
        (await import('./experiment.ts')).experiment({ script, ...options }, io),
      ),
    );
}

type ConvertOptions = Omit<import('./convert.ts').ConvertArgs, 'from' | 'to'>;

function addConvert(program: Command, does: Does, io: Io): void {
  command(program, 'convert <from> <to>', 'write a log in another form: .jsonl, .arrows, .gz, .zst')
    .addOption(compressionOption())
    .option(...UNTIL_FLAG)
    .option(...EVENTS_FLAG)
    .option(...FORCE_FLAG)
    .action(
      does(async (from: string, to: string, options: ConvertOptions) =>
        (await import('./convert.ts')).convert({ from, to, ...options }, io),
      ),
    );
}

function addPacketdrill(program: Command, does: Does, io: Io): void {
  command(program, 'packetdrill <files...>', 'run packetdrill scripts; ok, not ok or skip for each')
    .option('--profile <name>', PROFILE_TEXT, 'rfc9293')
    .option('--define <name>', 'a name for #ifdef; may be given often', collect, [])
    .action(
      does(async (files: string[], options: { profile: string; define: string[] }) =>
        (await import('./packetdrill.ts')).packetdrill({ files, ...options }, io),
      ),
    );
}

type ExportOptions = {
  format: string;
  connection: string;
  end?: 'client' | 'server';
  out?: string;
  force?: true;
};

function addExport(program: Command, does: Does, io: Io): void {
  command(program, 'export <log>', 'write one end of a connection as a packetdrill script')
    .addOption(
      new Option('--format <format>', 'the form').choices(['packetdrill']).default('packetdrill'),
    )
    .requiredOption('--connection <name>', 'a connection, as client#1')
    .addOption(
      new Option('--end <end>', 'which end of it; without it the one named').choices([
        'client',
        'server',
      ]),
    )
    .option('--out <file>', 'the script to write; without it stdout')
    .option(...FORCE_FLAG)
    .action(
      does(async (log: string, options: ExportOptions) =>
        (await import('./export.ts')).exportLog({ log, ...options }, io),
      ),
    );
}

type ImportOptions = Compression & { out?: string; profile?: string; force?: true; json?: true };

function addImport(program: Command, does: Does, io: Io): void {
  command(program, 'import <file>', 'make a log of a capture, pcap or pcapng')
    .option('--out <log>', 'the log to write; without it stdout, or a summary on a terminal')
    .addOption(compressionOption())
    .option('--profile <name>', PROFILE_TEXT)
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .action(
      does(async (file: string, options: ImportOptions) =>
        (await import('./import.ts')).importFile({ file, ...options }, io),
      ),
    );
}

type ExploreOptions = import('./explore.ts').ExploreArgs;

const EXPLORE_HELP = `
Without a start or a budget: six sweeps that together take every edge of the
diagram. States are merged by a canonical form: engine/explore/README.md.`;

function addExplore(program: Command, does: Does, io: Io): void {
  const explore = command(program, 'explore', 'try every interleaving of two peers within bounds')
    .option('--find <pair>', 'the shortest log to a pair of states: "A=CLOSING, B=TIME-WAIT"')
    .option('--out <log>', 'with --find the log to write; else the log of a broken claim')
    .option('--profile <name>', PROFILE_TEXT)
    .addOption(setOption())
    .option('--start <start>', 'closed, listening, crossing, established, time-wait');
  const budgets = [
    ['opens', 'OPEN calls'],
    ['sends', 'octets sent'],
    ['losses', 'segments lost'],
    ['duplicates', 'segments that arrive twice'],
    ['expiries', 'expiries of the retransmission timer'],
    ['aborts', 'ABORT calls'],
    ['give-ups', 'connections given up'],
    ['crashes', 'hosts that crash and come up again'],
    ['depth', 'steps from the start'],
    ['states-max', 'states in all'],
  ] as const;
  for (const [name, text] of budgets) explore.option(`--${name} <n>`, `${text}, at most`, count);
  explore
    .option('--close <how>', 'CLOSE as the rfc has it, as a socket, or any')
    .option('--iss <how>', 'of a later incarnation: by the clock, or the same again')
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .addHelpText('after', EXPLORE_HELP)
    .action(
      does(async (options: ExploreOptions) => (await import('./explore.ts')).explore(options, io)),
    );
}

type FuzzOptions = import('./fuzz.ts').FuzzArgs;

function addFuzz(program: Command, does: Does, io: Io): void {
  command(program, 'fuzz', 'run random networks, and tell which invariant breaks')
    .option('--seed <seed>', 'the first network; the next ones follow', '1')
    .option('--events <n>', 'stop after so many events', count, 1_000_000)
    .option('--out <log>', 'where the smallest log of a failure goes; else fuzz-SEED.jsonl')
    .option(...FORCE_FLAG)
    .option(...JSON_FLAG)
    .action(does(async (options: FuzzOptions) => (await import('./fuzz.ts')).fuzz(options, io)));
}

function addCheckAndList(program: Command, does: Does, io: Io): void {
  command(program, 'check <log>', 'check the invariants of a log and, if it is whole, its digest')
    .option(...JSON_FLAG)
    .action(
      does(async (log: string, options: { json?: true }) =>
        (await import('./check.ts')).check({ log, ...options }, io),
      ),
    );
  command(program, 'list [what]', 'list what ships: scenarios, experiments, logs, profiles, knobs')
    .option(...JSON_FLAG)
    .action(
      does(async (what: string | undefined, options: { json?: true }) =>
        (await import('./list.ts')).list({ what, ...options }, io),
      ),
    );
}

type ProfilesOptions = { diff?: true; matrix?: true; json?: true };

function addProfiles(program: Command, does: Does, io: Io): void {
  command(program, 'profiles [names...]', 'print how stacks behave, knob by knob')
    .option('--diff', 'only the knobs in which the named profiles differ')
    .option('--matrix', 'every state × stimulus × boundary, and what the profile does there')
    .option(...JSON_FLAG)
    .action(
      does(async (names: string[], options: ProfilesOptions) =>
        (await import('./profiles.ts')).profiles({ names, ...options }, io),
      ),
    );
}
