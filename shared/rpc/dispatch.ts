import { Problem, reportOf, type ProblemReport } from '../domain/problem.ts'
import { firstIssue } from '../protocol/decode.ts'
import { contract, isMethodName, type Contract, type MethodName, type ParsedInputOf, type ResultOf } from './contract.ts'
import { callFrame, type AnswerFrame } from './frames.ts'
import { reaches, type Role } from '../domain/people.ts'

/** Who calls, as the transport knows it. */
export interface Caller {
  /** A name for the audit log. */
  actor: string
  role: Role
  /** How the caller is known; absent: a part of the console itself. */
  by?: 'guest' | 'local' | 'owner' | 'session' | 'token'
  /** The account that was proven; a token has the one of whoever made it. */
  account?: string | null
  /** The session or token, by its id. */
  credential?: string
  /** The only methods that a token is for; absent: all that its role allows. */
  methods?: readonly string[]
}

/** What a command's handler gets beside its input; it runs inside one transaction. */
export interface CommandContext {
  caller: Caller
  /** Runs after the commit, and only if there was one. */
  afterCommit(work: () => void): void
}

type CommandName = { [Name in MethodName]: Contract[Name]['kind'] extends 'command' ? Name : never }[MethodName]
type QueryName = Exclude<MethodName, CommandName>

/** A handler for every method: one that is missing does not compile. */
export type Handlers = {
  [Name in QueryName]: (input: ParsedInputOf<Name>, caller: Caller) => ResultOf<Name> | Promise<ResultOf<Name>>
} & { [Name in CommandName]: (input: ParsedInputOf<Name>, context: CommandContext) => ResultOf<Name> }

export interface DispatchOptions {
  handlers: Handlers
  /** Runs a command once for its id, in one transaction with its audit entry; a resend gets the first result. */
  runCommand(
    call: { method: MethodName; input: unknown; commandId: string; caller: Caller },
    work: (context: CommandContext) => unknown,
  ): unknown
  /** Tests and development also check what handlers return. */
  checksOutput: boolean
  onInternal(error: unknown, method: string): void
}

/** Most characters of a message: what `text(2000)` of the contract takes. */
const MAX_MESSAGE = 2000

/** A report as answers carry it: names from files and devices stand in messages, and may be of any length. */
export function briefReport(report: ProblemReport): ProblemReport {
  return report.message.length <= MAX_MESSAGE ? report : { ...report, message: `${report.message.slice(0, MAX_MESSAGE - 1)}…` }
}

/** Answers call frames: parses the input, checks the role, runs the handler. Never throws; every failure is an answer with a code. */
export function createDispatch(options: DispatchOptions): (frame: unknown, caller: Caller) => Promise<AnswerFrame> {
  return async (frame, caller) => {
    const call = callFrame.safeParse(frame)
    const id = call.success ? call.data.id : idOf(frame)
    try {
      if (!call.success) throw new Problem('input.invalid', `The frame is no call: ${firstIssue(call.error)}`)
      return { id, ok: true, output: await answer(options, call.data, caller) }
    } catch (error) {
      if (!(error instanceof Problem)) options.onInternal(error, call.success ? call.data.method : '')
      return { id, ok: false, error: briefReport(reportOf(error)) }
    }
  }
}

async function answer(
  options: DispatchOptions,
  call: { method: string; input?: unknown; commandId?: string | undefined },
  caller: Caller,
): Promise<unknown> {
  const name = call.method
  if (!isMethodName(name)) throw new Problem('method.unknown', `There is no method '${name}'.`)
  const method = contract[name]
  requireAccess(name, caller)
  const input = method.input.safeParse(call.input ?? {})
  if (!input.success) throw new Problem('input.invalid', `${name}: ${firstIssue(input.error)}`)
  const output = await run(options, { name, input: input.data, commandId: call.commandId }, caller)
  if (!options.checksOutput) return output
  const checked = method.output.safeParse(output)
  if (!checked.success) throw new Error(`${name} returned what its contract does not say: ${firstIssue(checked.error)}`)
  return output
}

/** @throws Problem `access.sign-in`, `access.denied` */
function requireAccess(name: MethodName, caller: Caller): void {
  const wanted = contract[name].role
  if (!reaches(caller.role, wanted)) {
    if (caller.by === 'guest') throw new Problem('access.sign-in', `'${name}' is for people who signed in.`)
    throw new Problem('access.denied', `'${name}' needs the role ${wanted}; you have ${caller.role}.`, {
      hint: 'An admin of this console can give you the role.',
    })
  }
  // What a guest may do gives nothing away that a token could not see.
  if (caller.methods === undefined || wanted === 'guest' || caller.methods.includes(name)) return
  throw new Problem('access.denied', `'${name}' is none of the methods that this token is for.`, {
    hint: 'Make a token with this method: muster tokens create --methods',
  })
}

async function run(
  options: DispatchOptions,
  call: { name: MethodName; input: unknown; commandId: string | undefined },
  caller: Caller,
): Promise<unknown> {
  // The mapped type pairs each name with its input; that pairing is lost for a name known only at run time.
  const handler = options.handlers[call.name] as (input: unknown, context: Caller | CommandContext) => unknown
  if (contract[call.name].kind !== 'command') return handler(call.input, caller)
  if (call.commandId === undefined) throw new Problem('input.invalid', `'${call.name}' is a command: it needs a commandId.`)
  return options.runCommand({ method: call.name, input: call.input, commandId: call.commandId, caller }, (context) =>
    handler(call.input, context),
  )
}

function idOf(frame: unknown): number {
  const id = typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : undefined
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : 0
}
