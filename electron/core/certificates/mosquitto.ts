import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { enrolAccount, ENROL_ACCOUNTS } from '../../../shared/protocol/enrolment.ts'
import { topicRoot, topics } from '../../../shared/protocol/topics.ts'
import { maxMetadataBytes } from '../../../shared/protocol/trust.ts'
import { CONSOLE_NAME } from './console-name.ts'

/** As `mosquitto_passwd` writes it: PBKDF2 with SHA-512. */
const ROUNDS = 101

/** Where the configuration is going to lie, and what it opens. */
export interface MosquittoPlan {
  /** Folder of the files on the machine of the broker. */
  directory: string
  /** Listener for devices and console: a client certificate is a must. */
  port: number
  /** Listener on which devices without a certificate enrol, and can do nothing else. */
  enrolPort: number
}

/** Names of the files, in the folder. */
export const mosquittoFiles = {
  configuration: 'mosquitto.conf',
  acl: 'devices.acl',
  enrolAcl: 'enrol.acl',
  passwords: 'enrol.passwords',
  ca: 'ca.pem',
  certificate: 'server.pem',
  key: 'server.key.pem',
  revoked: 'revoked.pem',
} as const

/** `mosquitto.conf` for a fleet: TLS 1.3 only, nobody without a certificate but on the listener for enrolment. */
export function mosquittoConfiguration({ directory, port, enrolPort }: MosquittoPlan): string {
  const at = (name: keyof typeof mosquittoFiles): string => `${directory}/${mosquittoFiles[name]}`
  const tls = [
    `cafile ${at('ca')}`,
    `certfile ${at('certificate')}`,
    `keyfile ${at('key')}`,
    'tls_version tlsv1.3',
    'allow_anonymous false',
  ]
  const lines = [
    '# Written by `muster broker mosquitto-config`; it writes this file anew.',
    'per_listener_settings true',
    // The largest list of models that a device takes goes through, with its topic.
    `max_packet_size ${maxMetadataBytes.targets + 64 * 1024}`,
    'max_keepalive 300',
    // The console says everything again after a restart of the broker; what waits for a device that is away is worth nothing.
    'persistence false',
    '',
    '# Devices and the console: the certificate says who it is, and the client id follows it.',
    `listener ${port}`,
    ...tls,
    'require_certificate true',
    `crlfile ${at('revoked')}`,
    'use_identity_as_username true',
    'use_username_as_clientid true',
    `acl_file ${at('acl')}`,
    '',
    '# Devices that have no certificate yet: they may ask for one, with a one-time code.',
    `listener ${enrolPort}`,
    ...tls,
    'require_certificate false',
    'use_username_as_clientid true',
    `password_file ${at('passwords')}`,
    `acl_file ${at('enrolAcl')}`,
  ]
  return `${lines.join('\n')}\n`
}

/** What devices may do, topic by topic, made from the table of the wire: each its own, and none that another one has. */
export function mosquittoAcl(fleet: string): string {
  const rights = Object.values(topics).flatMap(({ path, from }) => {
    if (path.startsWith('enrol/')) return []
    const isOwn = path.startsWith('device/{device}/')
    if (!isOwn && from === 'device') return []
    const topic = path.replace('{device}', '%u').replace(/\{\w+\}/g, '+')
    return [`pattern ${from === 'device' ? 'write' : 'read'} ${topicRoot(fleet)}/${topic}`]
  })
  return `user ${CONSOLE_NAME}\ntopic readwrite ${topicRoot(fleet)}/#\n\n${rights.join('\n')}\n`
}

/** What a device without a certificate may do: ask, and hear the answer. */
export function mosquittoEnrolAcl(fleet: string): string {
  const root = topicRoot(fleet)
  return `pattern write ${root}/enrol/+\npattern read ${root}/enrol/+/result\n`
}

/** The password file of the listener for enrolment. */
export function mosquittoPasswords(password: string): string {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, ROUNDS, 64, 'sha512')
  const sealed = `$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`
  return Array.from({ length: ENROL_ACCOUNTS }, (_, i) => `${enrolAccount(i)}:${sealed}\n`).join('')
}
