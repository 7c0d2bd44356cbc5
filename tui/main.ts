// Entry of the command line: arguments to command.

import packageJson from '../package.json' with { type: 'json' };

console.log(packageJson.version);
