using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace ReferralService.Ops.Metrics;

/// <summary>What the process takes: processor, memory, threads, open files; and which build it is. By the names that Prometheus' own clients use.</summary>
internal static class ProcessFigures
{
    private const string OpenFiles = "/proc/self/fd";

    private static readonly DateTimeOffset Start = StartTime();

    public static readonly string Version = typeof(ProcessFigures).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static void AddTo(Meter meter)
    {
        meter.CreateObservableCounter("process_cpu_seconds_total", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time of the process.");
        meter.CreateObservableGauge("process_resident_memory_bytes", static () => (double)Environment.WorkingSet, "By", "Memory that the process has in use.");
        meter.CreateObservableGauge("process_start_time_seconds", static () => Start.ToUnixTimeMilliseconds() / 1000.0, "s", "When the process began, in seconds since 1970.");
        meter.CreateObservableGauge("process_threads", static () => (double)Threads(), description: "Threads of the process.");
        if (Directory.Exists(OpenFiles))
        {
            meter.CreateObservableGauge("process_open_fds", static () => (double)Directory.EnumerateFileSystemEntries(OpenFiles).Count(), description: "Open files, sockets among them.");
        }

        meter.CreateObservableGauge("dotnet_gc_heap_bytes", static () => (double)GC.GetTotalMemory(forceFullCollection: false), "By", "Managed memory in use.");
        meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", static () => (double)GC.GetTotalAllocatedBytes(), "By", "Managed memory allocated since the start.");
        meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", static () => GC.GetTotalPauseDuration().TotalSeconds, "s", "How long collections have stopped the process.");
        meter.CreateObservableGauge("dotnet_threadpool_queue_length", static () => (double)ThreadPool.PendingWorkItemCount, description: "Work that waits for a thread.");
        meter.CreateObservableGauge(
            "build_info", static () => new Measurement<double>(1, new("version", Version), new("runtime", Environment.Version.ToString())), description: "The build, always 1.");
    }

    private static int Threads()
    {
        using var self = Process.GetCurrentProcess();
        return self.Threads.Count;
    }

    private static DateTimeOffset StartTime()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime.ToUniversalTime());
    }
}
