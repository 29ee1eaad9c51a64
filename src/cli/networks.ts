/** `agewise networks`: its arguments. What it does is in run-networks.ts, loaded only when it is called. */
import type { Command } from 'commander';
import type { NetworksFlags } from './networks-flags.js';

const AFTER = `
Parameters and multiply-adds are those of the network with the classifying layer that
its published count has, at the size of its own input; without a head where nobody
published a count. A recipe names a network by network.name; the number of classes is
the recipe's.

Examples:
  agewise networks
  agewise networks mobilenet-v2
  agewise networks wrn-28-10 --json

Exit codes:
  0    done
  2    wrong usage, or a network that is not there
`;

export function addNetworks(program: Command): void {
  program
    .command('networks')
    .summary('list the networks that can be trained, or show one')
    .description('Lists the networks that can be trained, with parameters and multiply-adds, or shows one.')
    .argument('[network]', 'show this one, part by part')
    .option('--json', 'print one JSON object a line for each network')
    .addHelpText('after', AFTER)
    .action(async (network: string | undefined, flags: NetworksFlags) => {
      const { runNetworks } = await import('./run-networks.js');
      await runNetworks(network, flags);
    });
}
