import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ChannelInput } from '../../../../../../shared/domain/alert.ts'
import { openFleetStore } from '../../../../../../electron/core/store/fleet/fleet-store.ts'
import { openSecretBox } from '../../../../../../electron/core/trust/secret-box.ts'
import { until } from '../../../../../../build/demo/child.ts'
import { openAlertDesk } from '../../../../../harness/alert-desk.ts'
import { fleetStore, temporaryDirectory } from '../../../../../harness/fleet.ts'
import { startSmtpServer } from '../../../../../harness/smtp-server.ts'
import { startWebhookReceiver } from '../../../../../harness/webhook-receiver.ts'

const HOUR = 3_600_000
const common = { isEnabled: true, leastSeverity: 'warning', tellsResolved: true } as const
const hookOf = (url: string, change: object = {}): ChannelInput => ({
  kind: 'webhook',
  name: 'Ops',
  ...common,
  url,
  secret: 'key',
  allowsPrivate: true,
  ...change,
})

/** A receiver that answers as it is told. */
async function receiver(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; posts: { headers: IncomingHttpHeaders; json: unknown }[] }> {
  const posts: { headers: IncomingHttpHeaders; json: unknown }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      posts.push({ headers: request.headers, json: JSON.parse(body) })
      answer(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posts }
}

type Desk = ReturnType<typeof openAlertDesk>

/** The state of the newest notice, once it is as wanted. */
async function settled(desk: Desk, state: string) {
  return await until(`a notice that is ${state}`, 10, async () => {
    const [newest] = (await desk.call('alerts.deliveries', {})).deliveries
    // An attempt that is under way waits too, and is due since before.
    const hasEnded = state !== 'waiting' || (newest !== undefined && newest.attempts > 0 && newest.nextAt! > desk.clock.at)
    return newest?.state === state && hasEnded ? newest : null
  })
}

describe('delivery', () => {
  it('posts a signed CloudEvent, once', async () => {
    const desk = openAlertDesk()
    const hook = await startWebhookReceiver('key')
    const { channel } = await desk.call('alerts.setChannel', { set: hookOf(hook.url) })
    await desk.call('alerts.testChannel', { channel: channel.channel })
    await settled(desk, 'delivered')
    await desk.pass(HOUR)
    expect(hook.received).toMatchObject([
      { isSigned: true, event: { specversion: '1.0', source: '/muster/test/alerts', type: 'muster.alert.test' } },
    ])
    expect(hook.received[0]!.event.id).toBe(hook.received[0]!.id)
    expect((await desk.call('alerts.channels', {})).channels.find(({ kind }) => kind === 'webhook')).toMatchObject({
      ...{ channel: 'ops', hasSecret: true, waiting: 0, problem: null, lastDeliveredAt: desk.clock.at - HOUR },
    })
  })

  it('tries again with growing waits for a day, then gives up and says so; a person may try once more', async () => {
    const desk = openAlertDesk()
    const { url, posts } = await receiver((response) => response.writeHead(500).end())
    await desk.call('alerts.setChannel', { set: hookOf(url) })
    const { notice } = await desk.call('alerts.testChannel', { channel: 'ops' })
    const waits: number[] = []
    for (;;) {
      const attempts = posts.length + 1
      const row = await until('an attempt', 10, async () => {
        const [newest] = (await desk.call('alerts.deliveries', {})).deliveries
        return newest !== undefined && newest.attempts === attempts && desk.store.notices.find(notice)?.state !== 'sending' ? newest : null
      })
      if (row.state === 'failed') break
      waits.push(row.nextAt! - desk.clock.at)
      desk.clock.at = row.nextAt!
      desk.alerts.kick()
    }
    expect(waits.slice(0, 8)).toEqual([5000, 30_000, 120_000, 600_000, 1_800_000, HOUR, 2 * HOUR, 4 * HOUR])
    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThanOrEqual(24 * HOUR)
    const before = posts.length
    expect((await desk.call('alerts.channels', {})).channels.find(({ channel }) => channel === 'ops')?.problem).toMatchObject({
      code: 'channel.refused',
    })
    await desk.call('alerts.retryDelivery', { notice })
    await until('one more attempt', 10, () => Promise.resolve(posts.length > before ? true : null))
    expect(new Set(posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('does not follow a redirect', async () => {
    const desk = openAlertDesk()
    const inside = await receiver((response) => response.end())
    const { url, posts } = await receiver((response) => response.writeHead(302, { location: inside.url }).end())
    await desk.call('alerts.setChannel', { set: hookOf(url) })
    await desk.call('alerts.testChannel', { channel: 'ops' })
    expect((await settled(desk, 'failed')).problem).toContain('sends on to another address (302)')
    expect([posts.length, inside.posts.length]).toEqual([1, 0])
  })

  it('switches a channel off whose receiver is gone for good', async () => {
    const desk = openAlertDesk()
    const { url } = await receiver((response) => response.writeHead(410).end())
    await desk.call('alerts.setChannel', { set: hookOf(url) })
    await desk.call('alerts.testChannel', { channel: 'ops' })
    await settled(desk, 'failed')
    const { channels } = await desk.call('alerts.channels', {})
    expect(channels.find(({ channel }) => channel === 'ops')).toMatchObject({
      isEnabled: false,
      hasSecret: true,
      problem: { code: 'channel.gone' },
    })
  })

  it('waits as long as the receiver asks for', async () => {
    const desk = openAlertDesk()
    const { url } = await receiver((response) => response.writeHead(429, { 'retry-after': '900' }).end())
    await desk.call('alerts.setChannel', { set: hookOf(url) })
    await desk.call('alerts.testChannel', { channel: 'ops' })
    expect((await settled(desk, 'waiting')).nextAt).toBe(desk.clock.at + 900_000)
  })

  it('refuses a private address unless the channel allows it', async () => {
    const desk = openAlertDesk()
    const { url, posts } = await receiver((response) => response.end())
    await desk.call('alerts.setChannel', { set: hookOf(url, { allowsPrivate: false }) })
    await desk.call('alerts.testChannel', { channel: 'ops' })
    expect((await settled(desk, 'failed')).problem).toContain('127.0.0.1, which is not a public address')
    expect(posts).toEqual([])
  })

  it('speaks to chats in their form, and lets no name call people or make links', async () => {
    const desk = openAlertDesk()
    const slack = await receiver((response) => response.end('ok'))
    const teams = await receiver((response) => response.end('1'))
    for (const [kind, { url }] of [['slack', slack] as const, ['teams', teams] as const]) {
      await desk.call('alerts.setChannel', { set: { kind, name: kind, ...common, url, secret: null, allowsPrivate: true } })
    }
    desk.store.alertRules.put({ rule: null, builtIn: null, settings: ruleNamed('<!channel> *x* [a](http://b)'), setAt: 0, setBy: 'kim' })
    desk.connect('cam-1')
    await desk.pass(15_000)
    desk.connect('cam-1', 'offline')
    await desk.pass(120_000)
    await until('both chats', 10, () => Promise.resolve(slack.posts.length > 0 && teams.posts.length > 0 ? true : null))
    expect(JSON.stringify(slack.posts[0]!.json)).toContain('&lt;!channel&gt;')
    expect(JSON.stringify(slack.posts[0]!.json)).not.toContain('<!channel>')
    expect(teams.posts[0]!.json).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
    })
    expect(JSON.stringify(teams.posts[0]!.json)).toContain('\\\\[a\\\\]\\\\(http://b\\\\)')
  })
})

/** A rule that fires for a device that has been away for ten seconds. */
function ruleNamed(name: string) {
  return {
    ...{ name, summary: '', severity: 'critical' as const, isEnabled: true, query: '', deployment: null, per: 'device' as const },
    ...{ forMs: 0, clearMs: 0, runbook: null, channels: null, holdsReleases: false },
    condition: { kind: 'absence' as const, of: 'connection' as const, forMs: 10_000 },
  }
}

describe('e-mail', () => {
  const mailOf = (port: number, change: object = {}): ChannelInput => ({
    ...{ kind: 'email', name: 'Mail', ...common, host: '127.0.0.1', port, security: 'none', username: null, password: null },
    ...{ from: 'muster@example.test', to: ['kim@example.test'] },
    ...change,
  })

  it('sends with an account', async () => {
    const desk = openAlertDesk()
    const smtp = await startSmtpServer({ account: { user: 'muster', password: 'word' } })
    await desk.call('alerts.setChannel', { set: mailOf(smtp.port, { username: 'muster', password: 'word' }) })
    await desk.call('alerts.testChannel', { channel: 'mail' })
    await settled(desk, 'delivered')
    expect(smtp.mails).toMatchObject([{ from: 'muster@example.test', headers: { subject: '[Test fleet] Test notice of Muster' } }])
    expect(smtp.mails[0]!.headers['message-id']).toMatch(/^<[0-9a-f-]{36}@test\.muster>$/)
  })

  it('says that the account is wrong, and goes on trying', async () => {
    const desk = openAlertDesk()
    const smtp = await startSmtpServer({ account: { user: 'muster', password: 'word' } })
    await desk.call('alerts.setChannel', { set: mailOf(smtp.port, { username: 'muster', password: 'wrong' }) })
    await desk.call('alerts.testChannel', { channel: 'mail' })
    expect((await settled(desk, 'waiting')).problem).toContain('does not accept the account')
    expect(smtp.mails).toEqual([])
  })

  it('gives nothing to a server that does not offer the encryption that is required', async () => {
    const desk = openAlertDesk()
    const smtp = await startSmtpServer()
    await desk.call('alerts.setChannel', { set: mailOf(smtp.port, { security: 'starttls' }) })
    await desk.call('alerts.testChannel', { channel: 'mail' })
    await settled(desk, 'failed')
    expect(smtp.mails).toEqual([])
  })

  it('makes no header and no recipient of a name', async () => {
    const desk = openAlertDesk()
    const smtp = await startSmtpServer()
    await desk.call('alerts.setChannel', { set: mailOf(smtp.port) })
    desk.store.alertRules.put({
      rule: null,
      builtIn: null,
      settings: ruleNamed('x\r\nBcc: evil@example.test\r\n\r\n<b>y</b>'),
      setAt: 0,
      setBy: 'kim',
    })
    desk.connect('cam-1')
    await desk.pass(15_000)
    desk.connect('cam-1', 'offline')
    await desk.pass(120_000)
    await until('a mail', 10, () => Promise.resolve(smtp.mails.length > 0 ? true : null))
    const [mail] = smtp.mails
    expect(mail!.to).toEqual(['kim@example.test'])
    expect(mail!.headers['bcc']).toBeUndefined()
    expect(mail!.headers['subject']).toContain('Bcc: evil@example.test')
    expect(mail!.text.split('<!doctype html>')[1]).toContain('&lt;b&gt;y&lt;/b&gt;')
    expect(mail!.text.split('<!doctype html>')[1]).not.toContain('<b>')
  })
})

describe('secrets of channels', () => {
  it('are sealed, never given back, and stay where they are when a channel is changed', async () => {
    const directory = temporaryDirectory()
    const { db } = fleetStore(directory)
    const key = Buffer.alloc(32, 7).toString('base64')
    const store = openFleetStore(db, undefined, openSecretBox(key))
    const desk = openAlertDesk({ store })
    await desk.call('alerts.setChannel', { set: hookOf('https://example.test/hook', { secret: 'very-secret' }) })
    await desk.call('alerts.setChannel', {
      set: {
        kind: 'slack',
        name: 'Chat',
        ...common,
        url: 'https://chat.example.test/services/T1/B2/token-of-chat',
        secret: null,
        allowsPrivate: false,
      },
    })
    const rows = JSON.stringify([db.prepare('SELECT * FROM channel').all(), db.prepare('SELECT * FROM audit').all()])
    for (const secret of ['very-secret', 'token-of-chat']) expect(rows).not.toContain(secret)
    const shown = await desk.call('alerts.channels', {})
    expect(JSON.stringify(shown)).not.toMatch(/very-secret|token-of-chat/)
    expect(shown.channels.find(({ kind }) => kind === 'slack')).toMatchObject({ target: 'https://chat.example.test/…', hasSecret: true })
    // What is shown may be sent back: the address and the secret stay.
    await desk.call('alerts.setChannel', {
      channel: 'chat',
      set: { kind: 'slack', name: 'Chat 2', ...common, url: 'https://chat.example.test/…', secret: null, allowsPrivate: false },
    })
    await desk.call('alerts.setChannel', { channel: 'ops', set: hookOf('https://example.test/other', { secret: null }) })
    expect(store.channels.find('chat')?.settings).toMatchObject({
      name: 'Chat 2',
      url: 'https://chat.example.test/services/T1/B2/token-of-chat',
    })
    expect(store.channels.find('ops')?.settings).toMatchObject({ url: 'https://example.test/other', secret: 'very-secret' })
    // A copy of the file without the key of the desktop tells nothing, and says why.
    expect(openFleetStore(db, undefined, openSecretBox(null)).channels.find('ops')).toMatchObject({
      isShut: true,
      settings: { secret: null },
    })
  })

  it('do not go to another mail server unless somebody types them again', async () => {
    const desk = openAlertDesk()
    const mail = (host: string, password: string | null): ChannelInput => ({
      ...{ kind: 'email', name: 'Mail', ...common, host, port: 587, security: 'starttls', username: 'muster', password },
      ...{ from: 'muster@example.test', to: ['kim@example.test'] },
    })
    await desk.call('alerts.setChannel', { set: mail('mail.example.test', 'word') })
    await expect(desk.call('alerts.setChannel', { channel: 'mail', set: mail('evil.example.test', null) })).rejects.toThrow(
      'Give the password again',
    )
    await desk.call('alerts.setChannel', { channel: 'mail', set: mail('mail.example.test', null) })
    expect(desk.store.channels.find('mail')?.settings).toMatchObject({ password: 'word' })
  })
})
