using System.Diagnostics;

namespace ReferralService;

/// <summary>
/// Named moments at which the fault tests end the process or fail the step: what may be lost or doubled there is decided by the code around it.
/// </summary>
/// <remarks>
/// Calls exist only in a build with <c>-p:FaultPoints=true</c> (folder <c>bin/…/faults</c>); the compiler leaves them out of every other one.
/// Names are those of docs/faults.md.
/// </remarks>
internal static partial class FaultPoint
{
    /// <param name="name">The moment, e.g. <c>K07</c>.</param>
    /// <param name="key">
    /// What it is about, so that one referral alone can be struck: the ServiceRequest's id in K01, K02, K05, K07, K09, K12 and K13, the EHR in K03, the
    /// command's correlation id in K04, the Patient's id in K06, the package's in K10 and K11, the referral's at the broker (K13 to K15); null: nothing in particular.
    /// </param>
    [Conditional("FAULT_POINTS")]
    public static void Hit(string name, string? key = null) => Strike(name, key);

    static partial void Strike(string name, string? key);
}
