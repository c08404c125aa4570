import Glibc

/// Whether this process may have more threads.
enum Threads {
  /// Starts as many threads as the benchmark needs, at once, and ends them: swift-subprocess and Dispatch take a few.
  static var canStart: Bool {
    var gate = pthread_mutex_t()
    pthread_mutex_init(&gate, nil)
    pthread_mutex_lock(&gate)
    return withUnsafeMutablePointer(to: &gate) { gate in
      var threads: [pthread_t] = []
      for _ in 0..<6 {
        var thread = pthread_t()
        let failed = pthread_create(
          &thread, nil,
          { gate in
            let gate = gate?.assumingMemoryBound(to: pthread_mutex_t.self)
            if let gate {
              pthread_mutex_lock(gate)
              pthread_mutex_unlock(gate)
            }
            return nil
          }, gate)
        if failed != 0 { break }
        threads.append(thread)
      }
      pthread_mutex_unlock(gate)
      for thread in threads { pthread_join(thread, nil) }
      pthread_mutex_destroy(gate)
      return threads.count == 6
    }
  }
}
