using ReferralService.AcceptanceTests.Flow;

namespace ReferralService.AcceptanceTests.Faults.Kills;

/// <summary>Orders of patients with hardly a record, for tests in which many walk at once.</summary>
internal static class TinyOrders
{
    /// <summary>Loads a patient and writes his order; its key. The ids begin with <paramref name="name"/>, so that a fault can single some out.</summary>
    public static string Write(Scene scene, string name, int number)
    {
        scene.Ehr.Load($$"""{"resourceType":"Patient","id":"{{name}}-{{number}}","name":[{"family":"Muster","given":["Tiny"]}],"gender":"male","birthDate":"1999-01-01"}""");
        return scene.Ehr.Write($$"""
            {"resourceType":"ServiceRequest","id":"{{name}}-order-{{number}}","status":"active","intent":"order","code":{"text":"Second opinion"},
             "subject":{ "reference": "Patient/{{name}}-{{number}}" } }
            """);
    }
}
