/** The help pages of a shop, each with a number, a topic, a title and a text. */

export const articles = [
  [1, 'account', 'Changing your password', 'Open your profile, choose security, and type a new secret twice.'],
  [2, 'account', 'When you cannot sign in', 'Ask for a link by email; it lets you choose a new password.'],
  [3, 'account', 'Closing your account', 'Everything we know about you is erased within thirty days.'],
  [4, 'account', 'Two people, one household', 'Invite your family to share a profile and its addresses.'],
  [5, 'account', 'Which languages we speak', 'Choose English, German or French at the bottom of each page.'],
  [6, 'billing', 'Paying with a credit card', 'We accept Visa and Mastercard, and charge them on dispatch.'],
  [7, 'billing', 'Getting your money back', 'A refund goes to the bank account or card you paid with.'],
  [8, 'billing', 'Invoices and receipts', 'Each order has a document for your tax return.'],
  [9, 'billing', 'Coupons and gift vouchers', 'Type the code before you pay; the price drops at once.'],
  [10, 'billing', 'Paying in installments', 'Split a large price over six months, with interest.'],
  [11, 'delivery', 'Where is my parcel?', 'The courier sends a number with which you can follow the package.'],
  [12, 'delivery', 'Sending goods abroad', 'We ship to forty countries; customs may ask for duty.'],
  [13, 'delivery', 'Nobody was at home', 'The driver tries again the next day, or leaves it with a neighbor.'],
  [14, 'delivery', 'Choosing a day and an hour', 'Pick an evening or a weekend when you are there.'],
  [15, 'products', 'Something arrived broken', 'Send us a photograph of the damage and we replace the item.'],
  [16, 'products', 'Shoes that do not fit', 'Exchange them for another size within a month.'],
  [17, 'products', 'Caring for leather', 'Clean it with a soft cloth and wax it twice a year.'],
  [18, 'products', 'Washing wool and silk', 'Use cold water and a mild soap, and dry the garment flat.'],
  [19, 'products', 'Is it good for the climate?', 'Our suppliers plant trees and use electricity from wind and sun.'],
  [20, 'products', 'Toys for small children', 'Nothing has parts that a baby could swallow.'],
].map(([number, topic, title, text]) => ({ number, topic, title, text }))
