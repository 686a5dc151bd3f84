import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import type { ChannelInput } from '../../shared/domain/alert.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'
import { startSmtpServer } from '../harness/smtp-server.ts'
import { predict } from '../harness/predict.ts'
import { wine, wineRows } from '../harness/wine-stream.ts'
import { startWebhookReceiver } from '../harness/webhook-receiver.ts'

const KEY = 'key of this test'
const RULE = 'Many requests'
/** A console looks for due notices every 5 s, and waits as long before the second attempt. */
const SECONDS = 60

const MANY = 20
const BUSY = 8

/** A rule that fires when many requests come at once, and is over when few do. No request at all says nothing of either. */
async function addRule(rpc: RpcClient): Promise<void> {
  const condition = { kind: 'threshold', metric: 'requests', is: 'above', value: BUSY, overMs: 10_000 } as const
  await rpc.call('alerts.setRule', { set: { name: RULE, severity: 'critical', condition, per: 'version', clearMs: 0 } })
}

async function addChannels(rpc: RpcClient, channels: readonly ChannelInput[]): Promise<void> {
  for (const set of channels) await rpc.call('alerts.setChannel', { set })
}

async function ask(fleet: TestFleet, requests: number): Promise<void> {
  for (let i = 0; i < requests; i += 1) await predict(fleet.agents[0]!, wine, wineRows('holdout').rows.slice(0, 4))
}

async function fleetWithWine(): Promise<TestFleet> {
  const fleet = await startFleet({ broker: 'embedded', devices: ['sensor-1'] })
  await importSample(fleet.host, 'wine', '1.0.0')
  await deployEverywhere(fleet, 'wine', '1.0.0')
  return fleet
}

const common = { isEnabled: true, leastSeverity: 'critical', tellsResolved: true } as const
const webhook = (url: string): ChannelInput => ({ kind: 'webhook', name: 'Hook', ...common, url, secret: KEY, allowsPrivate: true })
const email = (port: number): ChannelInput => ({
  ...{ kind: 'email', name: 'Mail', ...common, host: '127.0.0.1', port, security: 'none', username: null, password: null },
  ...{ from: 'muster@example.test', to: ['kim@example.test', 'ada@example.test'] },
})

test(
  'receivers that are down get an alert once when they are up again, also over a killed console, and its end once',
  { timeout: 180_000 },
  async () => {
    const [hook, mail] = [await startWebhookReceiver(KEY), await startSmtpServer()]
    const fleet = await fleetWithWine()
    const { host } = fleet
    hook.mode = 'refuse'
    mail.mode = 'refuse'
    await addChannels(host.rpc!, [webhook(hook.url), email(mail.port)])
    await addRule(host.rpc!)
    await ask(fleet, MANY)
    await until('both receivers to be tried', SECONDS, () => (hook.refused > 0 && mail.refused > 0 ? true : null))

    await host.crash()
    hook.mode = 'take'
    mail.mode = 'take'
    await host.launch()
    await until('both receivers to be told', SECONDS, () => (hook.received.length > 0 && mail.mails.length > 0 ? true : null))
    // A request now and then: the condition ends, and that is told as well. Whatever is sent twice is there by then.
    await until('the end to be told', SECONDS, async () => {
      await ask(fleet, 1)
      await sleep(3000)
      return hook.received.length > 1 && mail.mails.length > 1 ? true : null
    })
    await sleep(2000)

    expect(hook.received.map(({ event, isSigned }) => [event.type, isSigned])).toEqual([
      ['muster.alert.firing', true],
      ['muster.alert.resolved', true],
    ])
    const [told] = hook.received
    expect([told!.event.id, told!.event.data.alerts.length]).toEqual([told!.id, 1])
    expect(told!.event.data.alerts[0]!.sentence).toMatch(/wine 1\.0\.0/)
    expect(mail.mails.map(({ from, to, headers }) => [from, to, headers['subject']])).toEqual([
      ['muster@example.test', ['kim@example.test', 'ada@example.test'], expect.stringContaining(RULE)],
      ['muster@example.test', ['kim@example.test', 'ada@example.test'], expect.stringContaining(`Resolved: ${RULE}`)],
    ])
    const all = (await host.rpc!.call('alerts.deliveries', {})).deliveries
    const deliveries = all.filter(({ channel }) => channel !== 'desktop')
    expect(deliveries.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      ...Array<string>(2).fill('firing delivered'),
      ...Array<string>(2).fill('resolved delivered'),
    ])
    expect(Math.max(...deliveries.map(({ attempts }) => attempts))).toBeGreaterThan(1)
    const { events } = await host.rpc!.call('alerts.show', { alert: deliveries[0]!.alert! })
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['firing', 'told', 'resolved']))
  },
)

test(
  'a console that is killed between the sending and the answer sends the same notice again, under the same id',
  { timeout: 180_000 },
  async () => {
    const [hook, mail] = [await startWebhookReceiver(KEY), await startSmtpServer()]
    const fleet = await fleetWithWine()
    const { host } = fleet
    hook.mode = 'hang'
    mail.mode = 'hang'
    await addChannels(host.rpc!, [webhook(hook.url), email(mail.port)])
    await addRule(host.rpc!)
    await ask(fleet, MANY)
    await until('both receivers to have it', SECONDS, () => (hook.received.length > 0 && mail.mails.length > 0 ? true : null))
    await host.crash()
    hook.mode = 'take'
    mail.mode = 'take'
    await host.launch()
    await until('both to be told again', SECONDS, () => (hook.received.length > 1 && mail.mails.length > 1 ? true : null))
    const ofFiring = hook.received.filter(({ event }) => event.data.kind === 'firing')
    expect([ofFiring.length, new Set(ofFiring.map(({ id }) => id)).size]).toEqual([2, 1])
    expect(ofFiring[1]!.event).toEqual(ofFiring[0]!.event)
    const ids = mail.mails.filter(({ headers }) => !headers['subject']!.includes('Resolved')).map(({ headers }) => headers['message-id'])
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
  },
)
