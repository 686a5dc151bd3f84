import type { Command } from 'commander'
import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import { offlineStatus } from '../control/offline-status.ts'
import { askStatus } from '../control/socket.ts'
import { statusLines } from '../control/status.ts'
import { requireIdentity } from '../identity.ts'
import { printResult } from './output.ts'
import { addCommand, type CommonOptions } from './program.ts'

/** Adds `muster-agent status`. */
export function addStatusCommand(program: Command): void {
  addCommand(program, 'status', 'what runs here, whether it is connected, and what waits').action(async (options: CommonOptions) => {
    const directory = resolve(options.dir)
    const identity = requireIdentity(directory)
    const status = (await askStatus(directory)) ?? offlineStatus(directory, identity)
    printResult(options.json, status, statusLines(status, systemClock.now()))
  })
}
