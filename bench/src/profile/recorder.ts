import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

// Preloaded into a server. The first SIGUSR2 starts a CPU profile, the second writes the profile to BENCH_PROFILE.

const file = process.env.BENCH_PROFILE ?? ''
/** Short enough to sample short functions, long enough to keep the CPU time of the profiler small. */
const SAMPLING_INTERVAL_US = 250

const session = new Session()
let isRecording = false

process.on('SIGUSR2', async () => {
  if (isRecording) {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
  } else {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US })
    await session.post('Profiler.start')
  }
  isRecording = !isRecording
})
