#if FAULT_POINTS
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ReferralService.Ledger.Sqlite;

/// <summary>Actions of fault points: <c>sqlite-busy</c> and <c>sqlite-full</c> throw what SQLite's driver throws.</summary>
internal static class SqliteFaultActions
{
    [ModuleInitializer]
    internal static void Register()
    {
        FaultPoint.Faults["sqlite-busy"] = () => new SqliteException("fault point", raw.SQLITE_BUSY);
        FaultPoint.Faults["sqlite-full"] = () => new SqliteException("fault point", raw.SQLITE_FULL);
    }
}
#endif
