import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { orderDeviceStates, orderStates, type OrderDeviceState } from '../../../shared/rpc/contract/orders.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Shown = OutputOf<'orders.show'>

const POLL_MS = 250

/** `muster orders …` */
export function addOrdersCommands(program: Command): void {
  const orders = program.command('orders').description('Orders: what was deployed, taken off, cancelled and undone.')
  orders
    .command('list')
    .description('List orders, the newest first.')
    .option('--state <state>', `only those that are ${orderStates.join(', ')}`)
    .option('--deployment <name>', 'only those of a deployment')
    .option('--model <name>', 'only those of a model')
    .option('--limit <n>', 'so many at most', '20')
    .action((flags: ListFlags, command: Command) => list(command, flags))
  orders
    .command('show <order>')
    .description('Show an order: where its devices are, bytes, and why.')
    .option('--state <state>', `only devices that are ${orderDeviceStates.join(', ')}`)
    .option('-q, --query <query>', 'only these devices', '')
    .option('--limit <n>', 'so many devices at most', '20')
    .action((order: string, flags: ShowFlags, command: Command) => show(command, numberOf(order), flags))
  orders
    .command('watch <order>')
    .description('Follow an order until its devices have answered; exit 1 if one refuses.')
    .option('--wait <seconds>', 'at most so long', '86400')
    .action((order: string, flags: { wait: string }, command: Command) => watch(command, numberOf(order), Number(flags.wait)))
  for (const [verb, what] of [
    ['cancel', 'Stop an order: devices that have not activated it get back what they had.'],
    ['undo', 'Take an order back: its devices get back what they had before it.'],
  ] as const) {
    orders
      .command(`${verb} <order>`)
      .description(what)
      .option('--yes', 'without asking')
      .action((order: string, flags: { yes?: boolean }, command: Command) =>
        takeBack(command, { order: numberOf(order), action: verb, isSure: flags.yes === true }),
      )
  }
}

interface ListFlags {
  state?: string
  deployment?: string
  model?: string
  limit: string
}

interface ShowFlags {
  state?: string
  query: string
  limit: string
}

function numberOf(text: string): number {
  const order = Number(text)
  if (!Number.isSafeInteger(order) || order < 1)
    throw new Problem('usage', `'${text}' is no number of an order.`, { hint: '`muster orders list` shows them.' })
  return order
}

function oneOf<Value extends string>(values: readonly Value[], text: string | undefined): Value | undefined {
  const found = values.find((value) => value === text)
  if (text !== undefined && found === undefined) throw new Problem('usage', `--state: '${text}' is none of ${values.join(', ')}.`)
  return found
}

function list(command: Command, flags: ListFlags): Promise<void> {
  const state = oneOf(orderStates, flags.state)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('orders.list', {
      ...(state === undefined ? {} : { state }),
      ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
      ...(flags.model === undefined ? {} : { model: flags.model }),
      limit: Number(flags.limit),
    })
    return {
      json: shown,
      text() {
        if (shown.orders.length === 0) printLine('There is no such order.')
        else {
          printTable(
            ['order', 'state', 'what', 'deployment', 'devices', 'reached', 'by', 'at'],
            shown.orders.map((one) => [
              ...[one.order, one.state, whatOf(one), one.deployment, one.devices, one.reached, one.actor, timeText(one.createdAt)],
            ]),
          )
        }
      },
    }
  })
}

function whatOf(one: OutputOf<'orders.list'>['orders'][number]): string {
  if (one.target !== null) return `${one.target.model}@${one.target.version}${one.alias === null ? '' : ` (${one.alias})`}`
  return one.of === null ? one.kind : `${one.kind} of ${one.of}`
}

function show(command: Command, order: number, flags: ShowFlags): Promise<void> {
  const state: OrderDeviceState | undefined = oneOf(orderDeviceStates, flags.state)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('orders.show', { order })
    const { devices, total } = await rpc.call('orders.devices', {
      ...{ order, query: flags.query, limit: Number(flags.limit) },
      ...(state === undefined ? {} : { state }),
    })
    return {
      json: { ...shown, devicesShown: devices, devicesTotal: total },
      text() {
        printOrder(shown)
        printTable(
          ['device', 'state', 'bytes', 'of', 'why'],
          devices.map((one) => [one.device, one.state, one.bytesPresent, one.bytesPlanned, one.why]),
        )
        if (total > devices.length) printLine(`… and ${total - devices.length} more devices.`)
      },
    }
  })
}

function printOrder(shown: Shown): void {
  printLine(`Order ${shown.order}: ${shown.sentence}`)
  printLine(
    `  ordered   ${timeText(shown.createdAt)} by ${shown.actor}${shown.endedAt === null ? '' : `, ended ${timeText(shown.endedAt)}`}`,
  )
  printLine(`  devices   query '${shown.query}'`)
  printLine(`  bytes     ${bytesText(shown)}`)
  if (shown.undoneBy !== null) printLine(`  undone by order ${shown.undoneBy}`)
  if (shown.cancelledBy !== null) printLine(`  cancelled by order ${shown.cancelledBy}`)
}

function bytesText({ bytes }: Shown): string {
  const rate = bytes.perSecond === null ? '' : `, ${Math.round(bytes.perSecond)} per second`
  const remaining = bytes.remainingSeconds === null ? '' : `, about ${Math.ceil(bytes.remainingSeconds)} s to go`
  return `${bytes.present} of ${bytes.planned} are on the devices, by their own report${rate}${remaining}`
}

function watch(command: Command, order: number, seconds: number): Promise<void> {
  return withConsole(command, async ({ rpc, json }) => {
    let last = ''
    const shown = await followOrder(rpc, order, {
      seconds,
      onProgress(now) {
        const line = `${now.sentence} ${bytesText(now)}`
        if (json || line === last) return
        last = line
        printLine(line)
      },
    })
    return { json: shown, text: () => printOrder(shown) }
  })
}

/**
 * Follows an order to its end. @throws Problem with the first refusal, or `cancelled` when it was cancelled, replaced, or time is up
 */
export async function followOrder(
  rpc: RpcClient,
  order: number,
  options: { seconds: number; onProgress?: (shown: Shown) => void },
): Promise<Shown> {
  const deadline = performance.now() + options.seconds * 1000
  let refusals = 0
  for (;;) {
    const shown = await rpc.call('orders.show', { order })
    options.onProgress?.(shown)
    // A device that has just taken the order up may still show the refusal of the one before, for one report.
    refusals = shown.counts.failed > 0 ? refusals + 1 : 0
    if (shown.state === 'done') return shown
    if (refusals >= 3) throw await refusalProblem(rpc, order)
    if (shown.state === 'cancelled' || shown.state === 'superseded')
      throw new Problem('cancelled', `Order ${order} was ${shown.state}. ${shown.sentence}`)
    if (performance.now() > deadline)
      throw new Problem('cancelled', `Time is up. ${shown.sentence} ${await firstLate(rpc, order)}`, {
        hint: 'The order stands; devices go on with it.',
      })
    await sleep(POLL_MS)
  }
}

async function refusalProblem(rpc: RpcClient, order: number): Promise<Problem> {
  const { devices } = await rpc.call('orders.devices', { order, state: 'failed', limit: 1 })
  return new Problem('internal', devices[0]?.why ?? `A device refused order ${order}.`, {
    hint: 'The device serves the model it had. `muster devices show` tells more.',
  })
}

/** Why the first device that is not there yet is late. */
async function firstLate(rpc: RpcClient, order: number): Promise<string> {
  for (const state of ['fetching', 'checking', 'ordered', 'waiting'] as const) {
    const { devices } = await rpc.call('orders.devices', { order, state, limit: 1 })
    if (devices[0] !== undefined) return devices[0].why
  }
  return ''
}

function takeBack(command: Command, of: { order: number; action: 'cancel' | 'undo'; isSure: boolean }): Promise<void> {
  const { order, action } = of
  return withConsole(command, async ({ rpc }) => {
    if (!of.isSure) {
      const effect = await rpc.call('orders.preview', { order, action })
      throw new Problem('usage', effect.sentence, { hint: 'Nothing was changed. Add --yes to do it.' })
    }
    const done = await rpc.call(action === 'cancel' ? 'orders.cancel' : 'orders.undo', { order })
    return { json: done, text: () => printLine(`Order ${done.order}. ${done.sentence}`) }
  })
}
