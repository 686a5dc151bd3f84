import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'

/** Cost of one guess: a third of a second and 128 MB. It is stored with each hash, so that it can grow. */
export interface PasswordCost {
  n: number
  r: number
  p: number
}

const usualCost: PasswordCost = { n: 2 ** 17, r: 8, p: 1 }
const KEY_BYTES = 32
const SALT_BYTES = 16

/** Hashes and checks passwords, one after the other: each needs the memory of a small model. */
export interface Passwords {
  hash(password: string): Promise<string>
  /** True if the password is the one of the hash. Without a hash it takes just as long, and is false. */
  check(password: string, hash: string | null): Promise<boolean>
}

export function openPasswords(cost: PasswordCost = usualCost): Passwords {
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const nobody = `scrypt$${cost.n}$${cost.r}$${cost.p}$${randomBytes(SALT_BYTES).toString('base64url')}$${randomBytes(KEY_BYTES).toString('base64url')}`
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES)
        const key = await derive(password, salt, cost)
        return ['scrypt', cost.n, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$')
      }),
    check: (password, hash) =>
      inTurn(async () => {
        const [, n, r, p, salt = '', key = ''] = (hash ?? nobody).split('$')
        const expected = Buffer.from(key, 'base64url')
        const made = await derive(password, Buffer.from(salt, 'base64url'), { n: Number(n), r: Number(r), p: Number(p) })
        return timingSafeEqual(made, expected) && hash !== null
      }),
  }
}

/** The same password typed on two keyboards is one: texts are compared in one form. */
function derive(password: string, salt: Buffer, { n, r, p }: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r, p, maxmem: 256 * n * r }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
