import type { ChannelInput } from '../../../../shared/domain/alert.ts'
import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** What a channel could not do, and since when. */
export type ChannelProblem = Omit<ProblemReport, 'hint'> & { at: number }

/** A channel as it is stored; the secret stands in `settings` only while it is in memory. */
export interface ChannelRow {
  channel: string
  settings: ChannelInput
  hasSecret: boolean
  /** It has a secret that was sealed under a key that is not here. */
  isShut: boolean
  setAt: number
  lastDeliveredAt: number | null
  problem: ChannelProblem | null
}

interface RawChannel {
  channel: string
  settings: string
  secret: string | null
  setAt: number
  lastDeliveredAt: number | null
  problem: string | null
}

const columns = 'channel, settings, secret, set_at AS setAt, last_delivered_at AS lastDeliveredAt, problem'

export type ChannelTable = ReturnType<typeof openChannelTable>

/** Where alerts are told. @param box seals what is secret */
export function openChannelTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const all = db.prepare<[], RawChannel>(`SELECT ${columns} FROM channel ORDER BY channel`)
  const one = db.prepare<[string], RawChannel>(`SELECT ${columns} FROM channel WHERE channel = ?`)
  const put =
    db.prepare(`INSERT INTO channel (channel, settings, secret, set_at, set_by) VALUES (@channel, @settings, @secret, @setAt, @setBy)
    ON CONFLICT (channel) DO UPDATE SET settings = excluded.settings, secret = excluded.secret, set_at = excluded.set_at,
      set_by = excluded.set_by, problem = NULL`)
  const remove = db.prepare('DELETE FROM channel WHERE channel = ?')
  const enable = db.prepare(`UPDATE channel SET settings = json_set(settings, '$.isEnabled', json(?)) WHERE channel = ?`)
  const delivered = db.prepare('UPDATE channel SET last_delivered_at = ?, problem = NULL WHERE channel = ?')
  const failed = db.prepare('UPDATE channel SET problem = ? WHERE channel = ?')
  const fromRaw = (raw: RawChannel): ChannelRow => {
    const settings = JSON.parse(raw.settings) as ChannelInput
    const opened = raw.secret === null ? null : box.open(JSON.parse(raw.secret) as StoredSecret)
    const secrets = opened === null ? {} : (JSON.parse(opened) as Secrets)
    return {
      ...{ channel: raw.channel, settings: { ...settings, ...secrets }, setAt: raw.setAt },
      ...{ hasSecret: raw.secret !== null, isShut: raw.secret !== null && opened === null },
      ...{ lastDeliveredAt: raw.lastDeliveredAt, problem: raw.problem === null ? null : (JSON.parse(raw.problem) as ChannelProblem) },
    }
  }
  return {
    all: (): ChannelRow[] => all.all().map(fromRaw),
    find(channel: string): ChannelRow | null {
      const raw = one.get(channel)
      return raw === undefined ? null : fromRaw(raw)
    },
    /** Sets a channel with its secrets, which replace the ones before. */
    put(of: { channel: string; settings: ChannelInput; setAt: number; setBy: string }): void {
      const secrets = secretsOf(of.settings)
      put.run({
        ...{ channel: of.channel, setAt: of.setAt, setBy: of.setBy, settings: JSON.stringify({ ...of.settings, ...coverOf(secrets) }) },
        secret: Object.keys(secrets).length === 0 ? null : JSON.stringify(box.seal(JSON.stringify(secrets))),
      })
    },
    /** Switches a channel; its secrets are not touched, so that one that is shut stays whole. */
    enable: (channel: string, isEnabled: boolean): void => void enable.run(isEnabled ? 'true' : 'false', channel),
    remove: (channel: string): boolean => remove.run(channel).changes > 0,
    noteDelivered: (channel: string, at: number): void => void delivered.run(at, channel),
    noteProblem: (channel: string, problem: ChannelProblem): void => void failed.run(JSON.stringify(problem), channel),
  }
}

type Secrets = Partial<Record<'secret' | 'password' | 'url', string>>

/** What is sealed of a channel. Addresses that chats give out are secrets themselves: whoever has one may post. */
function secretsOf(settings: ChannelInput): Secrets {
  if (settings.kind === 'desktop') return {}
  if (settings.kind === 'email') return settings.password === null ? {} : { password: settings.password }
  const url = settings.kind === 'webhook' ? {} : { url: settings.url }
  return settings.secret === null ? url : { ...url, secret: settings.secret }
}

/** What stands in the open in place of secrets. */
function coverOf(secrets: Secrets): Partial<Record<keyof Secrets, string | null>> {
  return Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, name === 'url' ? shownUrl(value) : null]))
}

/** An address as everybody may see it: what a receiver may take as a password is left out. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return ''
  const { origin, pathname, search } = new URL(url)
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/…`
}
