/// Waiting times between attempts: short at first, so that a restart of the server is hardly seen, then calmer, and
/// scattered, so that a thousand viewers do not come back in the same instant.

const kFirstMs = 500;
const kGrowth = 1.5;
const kPatientMs = 4_000; // within two target durations of a stream with short segments
const kPatientAttempts = 20;
const kLongMs = 10_000;
const kScatter = 0.2;

/// `attempt` counts from 0, `random` is in [0, 1).
export function backoffMs(attempt: number, random: number): number {
  const limit = attempt < kPatientAttempts ? kPatientMs : kLongMs;
  const delay = Math.min(kFirstMs * kGrowth ** attempt, limit);
  return delay * (1 + kScatter * (2 * random - 1));
}
