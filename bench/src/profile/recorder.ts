import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

// Node imports this file into a server. The first SIGUSR2 starts a CPU profile, the second SIGUSR2 saves the profile.

const file = process.env.BENCH_PROFILE ?? ''
/** A longer interval would miss short functions, a shorter interval would use more CPU time for the profiler. */
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
