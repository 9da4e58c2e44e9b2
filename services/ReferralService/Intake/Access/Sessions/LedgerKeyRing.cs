using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using ReferralService.Ledger;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>Keeps the framework's keys for cookies and forms in the ledger: every replica has the same, and none lies in a file.</summary>
/// <remarks>The framework asks without awaiting: at the start, and then once a day or when it makes a new key. Nothing else in this service waits so.</remarks>
internal sealed class LedgerKeyRing(SessionKeys keys) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
        => [.. Task.Run(() => keys.AllAsync(CancellationToken.None)).GetAwaiter().GetResult().Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName)
        => Task.Run(() => keys.KeepAsync(element.ToString(SaveOptions.DisableFormatting), CancellationToken.None)).GetAwaiter().GetResult();

    /// <summary>The ledger seals the whole of a key, where the vault has keys of its own; inside, its secret needs no second seal.</summary>
    internal sealed class SealedByTheLedger : IXmlEncryptor
    {
        public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(new XElement("sealedByTheLedger", plaintextElement), typeof(NullXmlDecryptor));
    }
}
