import { Problem } from '../../../shared/domain/problem.ts'
import type { Caller, CommandContext, DispatchOptions } from '../../../shared/rpc/dispatch.ts'
import { maskedInput } from '../audit/masked-input.ts'
import { isUnaudited } from '../audit/unaudited.ts'
import { hashOfJson } from '../store/fleet/commands.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/**
 * Runs a command once for its id: state rows, outbox rows, audit entry and the result in one transaction;
 * effects outside the database only after the commit. A resend gets the stored result. The audit entry becomes part of the history of
 * every device that the command changed. The result belongs to whoever sent the command: ids stand in the audit log, results may hold secrets.
 */
export function commandRunner(store: FleetStore, now: () => number): DispatchOptions['runCommand'] {
  return ({ method, input, commandId, caller }, work) => {
    const inputHash = hashOfJson({ input, of: ownerOf(caller) })
    const effects: (() => void)[] = []
    const context: CommandContext = { caller, afterCommit: (effect) => void effects.push(effect) }
    // From here on the roster notes what is touched: after the work, exactly the devices that this command changed.
    store.roster.all()
    const output = store.transact(() => {
      const before = store.commands.find(commandId)
      if (before !== null) {
        if (before.method !== method || before.input_hash !== inputHash) {
          throw new Problem('input.invalid', `The commandId '${commandId}' belongs to another command.`)
        }
        return JSON.parse(before.output) as unknown
      }
      const made = work(context)
      store.commands.put({ commandId, method, inputHash, output: JSON.stringify(made), at: now() })
      if (isUnaudited(method)) return made
      const detail = { commandId, input: maskedInput(input) }
      store.audit.append({ at: now(), actor: caller.actor, action: method, detail, devices: store.roster.touched() })
      return made
    })
    for (const effect of effects) effect()
    return output
  }
}

/** Whose a command is. Without an account it is of whoever has the console, before and after people sign in. */
function ownerOf({ account, by, credential }: Caller): string {
  if (by === 'token') return `token:${credential ?? ''}`
  return account === undefined || account === null ? 'console' : `account:${account}`
}
