/** The arguments of `agewise networks`. run-networks.ts runs it and is loaded only when needed. */
import type { Command } from 'commander';
import type { NetworksFlags } from './networks-flags.js';

const AFTER = `
Parameters and multiply-adds are counted at the network's own input size, with the
classification layer of its published count, or without a head if no count was
published. A recipe names a network in network.name and sets the number of classes
itself.

Examples:
  agewise networks
  agewise networks mobilenet-v2
  agewise networks wrn-28-10 --json

Exit codes:
  0    done
  2    wrong usage, or an unknown network
`;

export function addNetworks(program: Command): void {
  program
    .command('networks')
    .summary('list the networks that can be trained, or show one')
    .description('Lists the networks that can be trained, with parameters and multiply-adds, or shows one.')
    .argument('[network]', 'show this network, part by part')
    .option('--json', 'print one JSON object per line for each network')
    .addHelpText('after', AFTER)
    .action(async (network: string | undefined, flags: NetworksFlags) => {
      const { runNetworks } = await import('./run-networks.js');
      await runNetworks(network, flags);
    });
}
