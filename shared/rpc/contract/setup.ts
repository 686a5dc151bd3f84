import { z } from 'zod'
import { text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})

const fleetName = z
  .string()
  .trim()
  .min(1, 'a fleet has a name')
  .max(200)
  .regex(/^\P{Cc}+$/u, 'a name has no control characters')

/** A broker as a person chooses it. */
export const brokerChoice = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded'),
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9.:-]+$/, 'an address or a name of this machine')
      .default('127.0.0.1')
      .describe('Address that the broker listens on; 0.0.0.0: every one of this machine.'),
    port: z.int().min(0).max(65_535).default(1883).describe('0: any free one, another at every start. With TLS, 8883 is usual.'),
    tls: z
      .boolean()
      .default(false)
      .describe('TLS 1.3, and a certificate of the fleet for every device. An address that other machines reach needs it.'),
    names: z
      .array(
        z
          .string()
          .max(253)
          .regex(/^[A-Za-z0-9.:-]+$/, 'a name or address'),
      )
      .max(32)
      .default([])
      .describe('With TLS: further names and addresses that devices reach the broker by; those of this machine are known.'),
    localPort: z
      .int()
      .min(0)
      .max(65_535)
      .default(1883)
      .describe('With TLS: port without TLS on loopback, for agents on this machine; 0: any free one.'),
  }),
  z.strictObject({
    kind: z.literal('external'),
    url: z
      .string()
      .max(512)
      .regex(/^(mqtts?|wss?):\/\/[^/@]+/, 'write mqtt://host:port (or mqtts, ws, wss), without a user name'),
    username: z.string().max(256).nullable().default(null),
    password: z.string().max(1024).nullable().optional().describe('Left out: the stored one is kept. null: none.'),
  }),
])
export type BrokerChoice = z.output<typeof brokerChoice>

/** A broker as it is shown: never with its password. */
export const brokerShown = z.object({
  kind: z.enum(['embedded', 'external']),
  url: text(512).describe('Address that devices connect to; before the broker has started, the one that is wanted.'),
  host: text(253).nullable().describe('Embedded: the address it listens on.'),
  port: z.int().nullable().describe('Embedded: the wanted port; 0: any free one.'),
  tls: z
    .object({
      names: z.array(text(253)).describe('Names that a person added.'),
      localPort: z.int().describe('Port without TLS on loopback; 0: any free one.'),
    })
    .nullable()
    .describe('null: without TLS.'),
  isOpenPlaintext: z
    .boolean()
    .describe('An earlier version has stored a listener that other machines reach without TLS: it should get TLS.'),
  username: text(256).nullable(),
  hasPassword: z.boolean(),
  isFromFlags: z
    .boolean()
    .describe('The flags of this start of the console decide the broker; a stored one counts when it is started without them.'),
})
export type BrokerShown = z.infer<typeof brokerShown>

const setupShown = z.object({
  isDone: z.boolean().describe('Somebody has answered the questions of the first run, in the UI or by flags.'),
  fleet: text(64).describe('Id of the fleet, as topics carry it.'),
  fleetName: text(200),
  broker: brokerShown,
  canRename: z.boolean().describe('No device is enrolled: the id of the fleet may still change with its name.'),
})

const settingsShown = z.object({
  fleet: text(64),
  fleetName: text(200),
  broker: brokerShown,
  storedBroker: brokerShown
    .nullable()
    .describe('What counts at the next start without flags; null: nothing is stored, so embedded on port 1883.'),
  limitBytesPerSecond: z.int().positive().nullable().describe('Cap of model transfers; null: none.'),
})

export const setupMethods = {
  'setup.show': query('State of the first run: name of the fleet, broker, whether the questions were answered.', empty, setupShown),
  'setup.complete': command(
    'Answers the questions of the first run. The id of the fleet follows its name while no device is enrolled; the broker is started anew if it changes.',
    z.strictObject({ fleetName, broker: brokerChoice }),
    setupShown,
    'admin',
  ),
  'setup.checkBroker': query(
    'Tries a broker before it is stored: connects to an external one (5 s at most), or sees whether the port of an embedded one is free.',
    z.strictObject({
      broker: brokerChoice,
      fleetName: fleetName.optional().describe('The name that is about to be given: rights of the broker are tried for its id.'),
    }),
    z.object({
      ok: z.boolean(),
      problem: z.object({ code: text(64), message: text(2000), hint: text(500).optional() }).nullable(),
      note: text(500).nullable().describe('Something that a person should know although it works.'),
    }),
    'admin',
  ),
  'settings.show': query('Settings of the console.', empty, settingsShown),
  'settings.update': command(
    'Changes settings; what is not named stays. Of the fleet, the name that is shown; a new broker is started at once.',
    z.strictObject({
      fleetName: fleetName.optional(),
      broker: brokerChoice.optional(),
      limitBytesPerSecond: z.int().min(1024).nullable().optional(),
    }),
    settingsShown,
    'admin',
  ),
} as const
