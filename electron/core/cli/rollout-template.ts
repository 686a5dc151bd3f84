/** A file to begin with: every part that a plan has, explained; what is commented out is as by default. */
export const rolloutTemplate = `# A rollout: which version, to which devices, how fast, and what it must show.
# Check it:  muster rollouts check FILE      Try it:  muster rollouts plan FILE
# Start it:  muster rollouts start --file FILE --watch
# Comments are for this file only: the console keeps the plan without them.

# name: Digits 1.1.0 to the cameras
deployment: digits          # the place on the device that the version fills
model: digits
version: 1.1.0              # or an alias, such as staging

# Which devices; left out: the whole fleet. It is asked again all the time: who joins later enters with the same waves and gates.
# query: site = "lyon" and tag:camera

# Of two rollouts to one deployment, the higher priority has the devices of both.
# priority: 0

# replace: it takes the place of what runs. shadow: it is compared first and answers nobody. split: it answers a share of the
# keys first. stage: it is downloaded first.
# method: replace
# percent: 10%              # split: share of the keys
# isComparison: true        # shadow, split: an A/B test; nothing is activated before a person promotes the version

# Sizes are of the whole target and add up: 10% ends where a tenth of the target is reached.
waves:
  - name: canary
    size: 1                 # devices; or 10%, or: query: site = "lyon", or rest
    # stratify: [site, arch]   # spread over these
    gate:                   # when the next wave begins: all of it must hold
      success: 90%          # of the devices that have answered
      verdict: pass         # of the comparison with what ran before; not-fail: no evidence is enough; ignore
      # after: 30 min       # time to watch
      # byPerson: true      # somebody lets the next wave begin
      # patience: 1 day     # then it pauses for a person
  - 10%
  - 50%
  - rest

# pacing:
#   maxInFlight: 50
#   perMinute: { base: 5, factor: 2, every: 100, max: 200 }   # min(max, base x factor^k), k steps of 100 committed devices
#   perGroup: { attribute: site, atOnce: 1 }                  # at most so many of each site at once
#   bytesPerSecond: 5 MB

# windows:                  # minute hour day month weekday; site: the time of the device's site (label tz)
#   startAt: 2026-03-01T02:00:00Z
#   download: { cron: 0 1 * * *, for: 4 h, timeZone: site }
#   activation: { cron: 0 5 * * *, for: 1 h, timeZone: site }

# abort:                    # the first rule that holds acts: pause, stop (devices keep what they have) or revert
#   - { of: any, share: 20%, least: 3, action: revert }

# judge:                    # required: must pass. guard: a fail counts, no data does not hold. off: not looked at
#   alpha: 5%
#   onFail: revert
#   leastRequests: 100
#   errors: { role: required, margin: 0.5% }
#   accuracy: guard

# budget: { bytes: 2 GB, money: 20 }
# whenDone: { alias: production }
`
