import { createTransport } from 'nodemailer'
import type { ChannelInput } from '../../../../shared/domain/alert.ts'
import { errorCodeOf, messageOf } from '../../../../shared/domain/problem.ts'
import { linesOf, type Message } from './message.ts'
import { failed, refused, type Outcome } from './outcome.ts'

type EmailChannel = Extract<ChannelInput, { kind: 'email' }>

/** A server that says nothing for so long is tried again. */
const TIMEOUT_MS = 15_000
/** Names come from devices and models: nothing of them becomes another header or another recipient. */
const notInHeaders = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/**
 * Sends one mail to all recipients. The Message-ID follows from the notice, so that a mail that is sent a second time after a crash is the same
 * mail for whoever files it. STARTTLS is required where it is chosen: a server that does not offer it gets nothing.
 */
export async function sendEmail(channel: EmailChannel, message: Message): Promise<Outcome> {
  const { host, port, security, username, password } = channel
  const transport = createTransport({
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls', ignoreTLS: security === 'none' },
    ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  try {
    await transport.sendMail({
      from: plain(channel.from),
      to: channel.to.map(plain),
      subject: plain(`[${message.fleet.name}] ${message.title}`).slice(0, 250),
      messageId: `<${message.uid}@${plain(message.fleet.id)}.muster>`,
      date: new Date(message.at),
      text: textOf(message),
      html: htmlOf(message),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Muster-Severity': message.severity },
    })
    return { ok: true }
  } catch (error) {
    return outcomeOf(error)
  } finally {
    transport.close()
  }
}

function outcomeOf(error: unknown): Outcome {
  const said = messageOf(error)
  const code = errorCodeOf(error)
  const status = (error as { responseCode?: unknown }).responseCode
  if (code === 'EAUTH') return failed('channel.refused', `The mail server does not accept the account: ${said}`)
  if (code === 'ETLS') return refused('channel.insecure', `No encrypted connection to the mail server: ${said}`)
  // 5xx: the server will say the same again (RFC 5321, 4.2.1).
  if (typeof status === 'number' && status >= 500) return refused('channel.refused', `The mail server refused the mail: ${said}`)
  return failed(code === 'ENVELOPE' || code === 'EENVELOPE' ? 'channel.refused' : 'channel.unreachable', said)
}

function plain(text: string): string {
  return text.replace(notInHeaders, ' ').trim()
}

function textOf(message: Message): string {
  return `${message.title}\n\n${linesOf(message).join('\n\n')}\n\n${message.fleet.name}, ${new Date(message.at).toISOString()}\n`
}

function htmlOf(message: Message): string {
  const paragraphs = linesOf(message).map((line) => `<p>${escaped(line)}</p>`)
  const foot = `${message.fleet.name}, ${new Date(message.at).toISOString()}`
  return `<!doctype html><html><body><h3>${escaped(message.title)}</h3>${paragraphs.join('')}<p><small>${escaped(foot)}</small></p></body></html>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
